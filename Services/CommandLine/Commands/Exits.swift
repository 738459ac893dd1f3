import ArgumentParser
import Messaging

/// What the exit code of a command says (the numbers above 63 are those of sysexits.h).
extension ExitCode {
    /// A service refused: the request was understood and not done.
    static let refused = ExitCode(1)
    /// The account of a run does not tie out.
    static let accountDiffers = ExitCode(2)
    /// Rows were refused, the rest was taken.
    static let partlyRefused = ExitCode(3)
    /// The log's topics are not what the catalogue says.
    static let topicsDiffer = ExitCode(4)
    /// The input is not what it should be.
    static let badInput = ExitCode(65)
    /// A service or the log does not answer.
    static let unreachable = ExitCode(69)
    /// A file cannot be read or written.
    static let fileTrouble = ExitCode(74)
    /// Something that was waited for did not happen in time.
    static let tooLate = ExitCode(75)
    /// The token is missing, expired or not enough.
    static let notAllowed = ExitCode(77)
}

/// Says on stderr what went wrong and turns it into an exit code. Everything that a command throws goes through here.
func explained<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let code as ExitCode {
        throw code
    } catch let error as ServiceError {
        Terminal.complain("\(error)")
        switch error {
        case .unreachable: throw ExitCode.unreachable
        case .refused(_, let problem) where problem.status == 401 || problem.status == 403: throw ExitCode.notAllowed
        case .refused, .misunderstood: throw ExitCode.refused
        }
    } catch let error as FileTrouble {
        Terminal.complain("\(error)")
        throw ExitCode.fileTrouble
    } catch let error as LogError {
        Terminal.complain("\(error)")
        throw ExitCode.unreachable
    } catch let error as Complaint {
        Terminal.complain(error.text.here)
        throw error.code
    }
}

/// A failure that a person can do something about, said in both languages.
struct Complaint: Error {
    let text: Text
    let code: ExitCode

    init(_ zh: String, _ en: String, code: ExitCode = .refused) {
        text = Text(zh, en)
        self.code = code
    }
}
