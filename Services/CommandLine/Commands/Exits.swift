import ArgumentParser
import Messaging
import NIOCore

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

    /// What each of them means, for the help.
    static let meanings: [(code: ExitCode, text: Text)] = [
        (.success, Text("完成", "done")),
        (.refused, Text("服务拒绝了请求", "a service refused the request")),
        (.accountDiffers, Text("账目不符", "the account does not tie out")),
        (.partlyRefused, Text("部分行被退回，其余已接收", "some rows were refused, the rest was taken")),
        (.topicsDiffer, Text("日志的主题与目录不一致", "the log's topics are not what the catalogue says")),
        (.validationFailure, Text("命令行有误", "the command line is wrong")),
        (.badInput, Text("输入不对", "the input is not what it should be")),
        (.unreachable, Text("服务或日志没有应答", "a service or the log does not answer")),
        (.fileTrouble, Text("文件无法读写", "a file cannot be read or written")),
        (.tooLate, Text("等待超时", "what was waited for did not happen in time")),
        (.notAllowed, Text("令牌缺失、过期或权限不足", "the token is missing, expired or not enough")),
    ]

    static var table: String {
        "\(Text("退出码", "Exit codes").here):\n"
            + meanings.map { "  \(String(repeating: " ", count: $0.code.rawValue < 10 ? 1 : 0))\($0.code.rawValue)  \($0.text.here)" }
            .joined(separator: "\n")
    }
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
    } catch let error as IOError {
        // A connection that broke where nobody put a service's name to it.
        Terminal.complain(Text("连接中断：\(error)", "a connection broke: \(error)").here)
        throw ExitCode.unreachable
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
