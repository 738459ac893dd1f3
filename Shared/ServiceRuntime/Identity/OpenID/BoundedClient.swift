import Dispatch
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Asks another server for a small document: bounded in bytes and time, no redirects, no cookies, nothing cached. Waits without a thread.
///
/// No task is ever cancelled: Foundation traps when one is that has just ended by itself (seen with Swift 6.3, "a task that is not in the
/// registry"). What is given up goes on unheard until its server falls silent, and so many of those may there be at a time.
final class BoundedClient: Sendable {
    /// What came of a request.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Why there is no answer; holds nothing of what was asked or said.
    enum Failure: String, Error {
        case unreachable, tooLarge, tooSlow, tooMany
    }

    private let exchanges: Exchanges
    private let session: URLSession
    private let seconds: Int
    private let timer = DispatchQueue(label: "careloop.client.deadlines")

    init(maximumBytes: Int = OpenIDLimits.answerBytes, seconds: Int = OpenIDLimits.answerSeconds) {
        exchanges = Exchanges(maximumBytes: maximumBytes)
        self.seconds = seconds
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        // Ends what nothing is heard of any more, after whoever asked was told that it is too slow.
        configuration.timeoutIntervalForRequest = Double(2 * seconds)
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    // The session holds its delegate until it is told that it is over.
    deinit { session.finishTasksAndInvalidate() }

    /// The whole answer to a GET, or to a POST of `form` with `authorization`.
    func ask(_ url: URL, form: [(String, String)]? = nil, authorization: String? = nil) async throws(Failure) -> Answer {
        var request = URLRequest(url: url)
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        if let form {
            request.httpMethod = "POST"
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
            let pairs = form.map { "\($0.0)=\(PercentCoding.encode($0.1))" }
            request.httpBody = Data(pairs.joined(separator: "&").utf8)
        }
        request.setValue(authorization, forHTTPHeaderField: "Authorization")
        let task = session.dataTask(with: request)
        let result: Result<Answer, Failure> = await withCheckedContinuation { continuation in
            guard exchanges.open(task, continuation) else { return continuation.resume(returning: .failure(.tooMany)) }
            task.resume()
            timer.asyncAfter(deadline: .now() + .seconds(seconds)) { [exchanges] in exchanges.end(task, .failure(.tooSlow)) }
        }
        return try result.get()
    }

    /// Requests under way. Each ends once, whatever comes first: the answer, too much of it, or the end of its time.
    private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
        private struct Exchange {
            var body: [UInt8] = []
            let continuation: CheckedContinuation<Result<Answer, Failure>, Never>
        }

        private let maximumBytes: Int
        private struct State {
            /// With somebody who waits, by task.
            var awaited: [Int: Exchange] = [:]
            /// Tasks that have not ended, those included that nobody waits for any more.
            var unfinished: Set<Int> = []
        }

        private let state = Mutex(State())

        init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

        /// False when there are too many.
        func open(_ task: URLSessionTask, _ continuation: CheckedContinuation<Result<Answer, Failure>, Never>) -> Bool {
            state.withLock { state in
                guard state.unfinished.count < OpenIDLimits.requests else { return false }
                state.unfinished.insert(task.taskIdentifier)
                state.awaited[task.taskIdentifier] = Exchange(continuation: continuation)
                return true
            }
        }

        /// Answers whoever waits; nothing when that was done before.
        func end(_ task: URLSessionTask, _ result: Result<Answer, Failure>) {
            state.withLock { $0.awaited.removeValue(forKey: task.taskIdentifier) }?.continuation.resume(returning: result)
        }

        private func finish(_ task: URLSessionTask, _ result: Result<Answer, Failure>) {
            end(task, result)
            _ = state.withLock { $0.unfinished.remove(task.taskIdentifier) }
        }

        func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
            let isTooLarge = state.withLock { state in
                state.awaited[dataTask.taskIdentifier]?.body += data
                return (state.awaited[dataTask.taskIdentifier]?.body.count ?? 0) > maximumBytes
            }
            if isTooLarge { end(dataTask, .failure(.tooLarge)) }
        }

        func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
            guard error == nil, let response = task.response as? HTTPURLResponse else { return finish(task, .failure(.unreachable)) }
            let body = state.withLock { $0.awaited[task.taskIdentifier]?.body ?? [] }
            finish(task, .success(Answer(status: response.statusCode, body: body)))
        }

        // A provider that sends us elsewhere is no provider: the redirect itself is the answer. The handler is not called: Foundation traps when
        // the task's time has ended meanwhile ("we're not waiting for it"), and a task left there holds no connection.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
        ) {
            finish(task, .success(Answer(status: response.statusCode, body: [])))
        }

        // A 401 that asks for a password; without an answer here it would never end. Left there as a redirect is, and for the same reason.
        func urlSession(
            _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            finish(task, .success(Answer(status: 401, body: [])))
        }
    }
}
