import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, from this object's making on: until somebody waits for them, they stop every process this tool started and end it.
final class Interruption: Sendable {
    private enum State {
        /// The job is not done: a signal ends everything.
        case working
        case waiting(CheckedContinuation<Void, Never>)
        /// A signal came while working; the process ends by itself.
        case ending
        case ended
    }

    private let state = Mutex(State.working)

    init() {
        for number in [SIGINT, SIGTERM] {
            // A handler that does nothing, not SIG_IGN: what is ignored stays ignored in the processes started from here.
            signal(number) { _ in }
            Self.sources.withLock { sources in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { [self] in heard(number) }
                // Lives as long as the process: its handler holds this object, and nothing takes it back.
                source.resume()
                sources.append(source)
            }
        }
    }

    private static let sources = Mutex<[any DispatchSourceSignal]>([])

    /// Returns at the first signal from now on.
    func wait() async {
        await giveWay()
        await withCheckedContinuation { continuation in state.withLock { $0 = .waiting(continuation) } }
    }

    /// Returns at once; never, when a signal is ending the process.
    func giveWay() async {
        let isEnding = state.withLock { if case .ending = $0 { true } else { false } }
        if isEnding { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }

    private func heard(_ number: Int32) {
        let before = state.withLock { state in
            let before = state
            if case .working = before { state = .ending } else if case .waiting = before { state = .ended }
            return before
        }
        switch before {
        case .waiting(let continuation): continuation.resume()
        case .working:
            Task {
                await ChildProcess.stopAll()
                exit(128 + number)
            }
        case .ending, .ended: break
        }
    }
}
