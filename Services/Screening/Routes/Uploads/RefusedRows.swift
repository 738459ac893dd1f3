import Contracts
import Foundation
import Persistence
import ServiceRuntime
import Vocabulary

/// What was refused of an upload, given back so that it can be mended and sent again: of a table a table, of a list a list.
extension UploadRoutes {
    static let refusalColumns = [
        "refused_line", "refused_field", "refused_code", "refused_message", "refused_rule", "refused_source",
    ]

    var refusedTable: Endpoint {
        .query(
            .get, "/uploads/{upload}/refused.csv", roles: [.healthBureau],
            summary:
                "退回的行：原行加行号、字段、代码、说明、规则、依据；改正后可再次报送 / Refused rows with line, field, code, message, rule and source; mend and send again",
            query: ["after"]
        ) { request, tx in
            let refused = try refused(.csv, request, tx)
            var text = "\u{feff}" + refused.header + "," + CSVText.line(Self.refusalColumns)
            for (row, original) in refused.rows {
                let messages = row.codes.split(separator: "; ").compactMap { ScreeningRefusals.message(String($0))?.both }
                text += original + ","
                text += CSVText.line([
                    String(row.line), row.fields, row.codes, messages.joined(separator: "; "), row.rules, row.sources,
                ])
            }
            return refused.reply(.download(text, fileName: "refused-\(refused.upload).csv"))
        }
    }

    var refusedObjects: Endpoint {
        .query(
            .get, "/uploads/{upload}/refused.json", roles: [.healthBureau],
            summary:
                "退回的对象：成员 refused 注明序号、字段、代码、说明、规则、依据；改正后可连同它再次报送 / Refused objects, each with a member `refused` that says line, field, code, message, rule and source; mend and send again",
            query: ["after"]
        ) { request, tx in
            let refused = try refused(.json, request, tx)
            let objects = refused.rows.map { row, original in RefusedObject.noted(original, UploadReport.RowProblem(row)) }
            return refused.reply(
                .download(
                    "[\n" + objects.joined(separator: ",\n") + "\n]\n", fileName: "refused-\(refused.upload).json",
                    contentType: "application/json"))
        }
    }

    private struct Refused {
        let upload: String
        /// Of a table.
        let header: String
        let rows: [(row: UploadTable.RefusedRow, original: String)]

        func reply(_ file: Reply) -> Reply {
            var reply = file
            if rows.count == UploadRoutes.refusedRows, let last = rows.last {
                reply.headers.append((name: "Next-After", value: String(last.row.line)))
            }
            return reply
        }
    }

    /// Of an upload that came in another form there is no such file.
    private func refused(_ format: UploadFormat, _ request: EndpointRequest, _ tx: any Transaction) throws -> Refused {
        let id = request.path("upload")
        let stored = try own(id, request, tx)
        guard stored.format == format else { throw Problem.notFound }
        if stored.counts.refused + stored.counts.conflicts > 0, try files(id, tx).isEmpty { throw Problem("UPLOAD_EXPIRED", status: 410) }
        guard let after = Int(request.query("after") ?? "0") else {
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: "after", rule: "a line number")
        }
        let rows = try UploadTable.refused(id, after: after, limit: Self.refusedRows, in: tx).map { row in
            do { return (row, String(decoding: try context.rowKeys.open(row.sealed), as: UTF8.self)) } catch is ShortLivedKeys.Unreadable {
                throw Problem("UPLOAD_EXPIRED", status: 410)
            }
        }
        return Refused(upload: id, header: stored.header, rows: rows)
    }
}

/// A refused JSON object and the note beside it: a member of its own, which is not read when the object is sent again.
enum RefusedObject {
    static let member = "refused"

    private struct Note: Encodable {
        let line: Int
        let field: String
        let code: String
        let message: UploadReport.Message?
        let rule: String
        let source: String
        /// What was sent, where it is no JSON and so cannot stand in a list as it was. It may be mended in here.
        let original: String?
    }

    private struct Original: Decodable {
        let original: String?
    }

    /// The object with the note as its first member.
    static func noted(_ kept: String, _ problem: UploadReport.RowProblem) -> String {
        // Until their seven days are over there are rows that an older build kept as a field of a table.
        let original =
            kept.hasPrefix("\"") ? String(kept.dropFirst().dropLast()).replacing("\"\"", with: "\"") : kept
        let isJSON = isObject(original)
        let note = Reply.json(
            Note(
                line: problem.line, field: problem.field, code: problem.code, message: problem.message, rule: problem.rule,
                source: problem.source, original: isJSON ? nil : original)
        ).text
        let rest = isJSON ? original.drop { $0 != "{" }.dropFirst().drop { $0.isWhitespace } : "}"
        return "{\"\(member)\":\(note)" + (rest.first == "}" ? "" : ",") + rest
    }

    /// What the sender means: the object without the note.
    static func sent(_ object: [UInt8]) -> [UInt8] {
        guard object.firstRange(of: mark) != nil, let (rest, note) = JSONOutline.removing(member, from: object) else { return object }
        guard rest.count == 2 else { return rest }
        // Nothing but a note: what was no JSON, mended in it or not.
        do { return try JSONDecoder().decode(Original.self, from: Data(note)).original.map { Array($0.utf8) } ?? rest } catch {
            // Not a note of ours; the object is refused for what it lacks.
            return rest
        }
    }

    private static let mark = Array("\"\(member)\"".utf8)

    private static func isObject(_ text: String) -> Bool {
        // Whoever wrote something else than JSON is told so by the row's code; here only the answer counts. A decoder would not do: it does
        // not look at the numbers nobody asks it for.
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) is [String: Any]
    }
}
