import ArgumentParser
import Foundation
import NIOCore

/// Sends a file of results to Screening, as a bureau does.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("通过 HTTP 报送结果文件", "Send a file of results over HTTP").here,
        discussion: example(
            "careloop import results.csv --token \"$TOKEN\" --refused refused.csv",
            Text(
                "报送，退回的行写入 refused.csv（JSON 文件退回的是 JSON），改正后可再次报送",
                "send it; refused rows go to refused.csv (of a JSON file they are JSON), to be mended and sent again")))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("CSV 或 JSON 文件", "CSV or JSON file").here)) var file: String
    @Flag(help: ArgumentHelp(Text("只检查，不保存", "Only check, keep nothing").here)) var check = false
    @Option(help: ArgumentHelp(Text("退回行的文件", "File for the refused rows").here)) var refused: String?
    @Option(help: "utf-8 | gb18030") var encoding: ResultFile.Encoding?
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    func run() async throws {
        try await explained {
            let client = try services.client(.screening)
            let token = services.given
            let size = try Files.size(file)
            let began = ContinuousClock.now
            let pieces = try Files.pieces(of: file) { sent in
                Terminal.progress("\(Terminal.bar(sent, of: size)) \(sent >> 20)/\(size >> 20) MB")
            }
            let type =
                file.lowercased().hasSuffix(".json") ? "application/json" : "text/csv" + (encoding.map { "; charset=\($0.rawValue)" } ?? "")
            let answer = try await client.upload(
                "/uploads" + (check ? "?check=true" : ""), token: token, headers: [("Content-Type", type)], pieces: pieces)
            let report: UploadReport = try HTTPClient.decode(answer, from: "screening")
            let elapsed = ContinuousClock.now - began
            Terminal.endProgress()
            if let refused, let address = report.refusedFile {
                try Files.write(try await refusedRows(client, address, token), to: refused)
            }
            if json { try Terminal.json(report) } else { show(report, elapsed) }
            if report.refused > 0 || report.conflicts > 0 { throw ExitCode.partlyRefused }
        }
    }

    private func show(_ report: UploadReport, _ elapsed: Duration) {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = Int(Double(report.rows) / max(seconds, 0.001))
        Terminal.say(
            Text(
                "\(report.rows) 行，\(rate) 行/秒：接收 \(report.accepted)（更正 \(report.corrected)、撤回 \(report.withdrawn)），重复 \(report.repeated)，冲突 \(report.conflicts)，退回 \(report.refused)",
                "\(report.rows) rows, \(rate) rows/s: \(report.accepted) accepted (\(report.corrected) corrections, \(report.withdrawn) withdrawals), \(report.repeated) repeated, \(report.conflicts) conflicts, \(report.refused) refused"
            ).here)
        for problem in report.problems.prefix(20) {
            Terminal.say(
                Text("第 \(problem.line) 行", "line \(problem.line)").here
                    + " · \(problem.field) · \(problem.code) · \(problem.sentence) (\(problem.source))")
        }
        for (code, count) in report.refusedByCode.sorted(by: { $0.key < $1.key }) { Terminal.say("\(code): \(count)") }
    }

    /// More than one file of refused rows holds is fetched in parts, each after the last line of the one before.
    private func refusedRows(_ client: HTTPClient, _ address: String, _ token: String?) async throws -> [UInt8] {
        let isList = address.hasSuffix(".json")
        var parts: [[UInt8]] = []
        var after: String?
        repeat {
            let part = try await client.get(
                address + (after.map { "?after=\($0)" } ?? ""), token: token, accept: isList ? "application/json" : "text/csv")
            parts.append(part.bytes)
            after = part.headers.first(name: "Next-After")
        } while after != nil
        return isList ? Self.list(parts) : Self.table(parts)
    }

    /// Tables with one header, one under the other.
    static func table(_ parts: [[UInt8]]) -> [UInt8] {
        parts.enumerated().flatMap { index, part in index == 0 ? part[...] : part.drop { $0 != UInt8(ascii: "\n") }.dropFirst() }
    }

    /// Lists as one list.
    static func list(_ parts: [[UInt8]]) -> [UInt8] {
        guard parts.count > 1 else { return parts.first ?? [] }
        let items = parts.compactMap { part -> ArraySlice<UInt8>? in
            guard let first = part.firstIndex(of: UInt8(ascii: "[")), let last = part.lastIndex(of: UInt8(ascii: "]")) else { return nil }
            return part[(first + 1)..<last]
        }
        return [UInt8(ascii: "[")] + items.joined(separator: [UInt8(ascii: ",")]) + Array("]\n".utf8)
    }
}
