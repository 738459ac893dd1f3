import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Certificates and applications for one, by person. The number is kept sealed, in `SecretsTable`.
enum CertificateTable: AggregateTable {
    typealias Rules = CertificateRules
    typealias Key = PersonID

    static func load(_ person: PersonID, in tx: any Transaction) throws -> Stored<CertificateRecord>? {
        try tx.first(Statements.load, [.text(person.text)]) { Stored(try record($0), version: $0.int(11)) }
    }

    static func insert(_ person: PersonID, _ record: CertificateRecord, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(person.text)] + columns(record))
    }

    static func update(
        _ person: PersonID, _ record: CertificateRecord, expecting version: Int64, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(Statements.update, columns(record) + [.text(person.text), .int(version)]) == 1
    }

    static func publish(_ event: CertificateRules.Event, _ person: PersonID, state: CertificateRecord, in work: UnitOfWork) throws {
        switch event {
        case .applied, .refused: break  // Inside the federation until a second person has issued one.
        case .issued(let from, let to):
            guard let file = try work.state(PersonTable.self, person) else {
                preconditionFailure("a certificate is issued to somebody on file")
            }
            work.publish(
                CertificateIssued(
                    certificate: state.certificate, facts: file.facts, category: state.assessment.category,
                    grade: state.assessment.grade, validFrom: from, validTo: to))
            try Timeline.add(
                .certificateIssued, person, detail: "\(state.assessment.category.rawValue)/\(state.assessment.grade.rawValue)",
                organisation: state.assessment.assessedBy, in: work)
        }
    }

    /// What stands under each id of a person, the file that counts today first.
    static func everyRecord(of person: PersonID, in tx: any Transaction) throws -> [(PersonID, CertificateRecord)] {
        try PersonTable.identities(of: person, in: tx).compactMap { id in try load(id, in: tx).map { (id, $0.state) } }
    }

    /// Whose certificate this is.
    static func holder(of certificate: CertificateID, in tx: any Transaction) throws -> PersonID? {
        try tx.first(Statements.holder, [.text(certificate.text)]) { PersonID(trusted: $0.text(0)) }
    }

    private static func columns(_ record: CertificateRecord) -> [Value] {
        let components = record.assessment.components.map { "\($0.category.rawValue)/\($0.grade.rawValue)" }.joined(separator: " ")
        return [
            .text(record.certificate.text), .text(record.status.rawValue), .text(record.assessment.category.rawValue),
            .text(record.assessment.grade.rawValue), .text(components), .text(record.assessment.assessedBy.text),
            .text(record.assessment.assessedOn.text), .text(record.appliedBy), .text(record.appliedOn.text),
            .text(record.validFrom?.text), .text(record.validTo?.text),
        ]
    }

    private static func record(_ row: borrowing Row) throws -> CertificateRecord {
        let components = try row.text(4).split(separator: " ").map { pair in
            let words = pair.split(separator: "/").map(String.init)
            guard words.count == 2 else { throw DatabaseError(kind: .corrupt, message: "a certificate's components are not pairs") }
            return Assessment.Component(category: try .init(stored: words[0]), grade: try .init(stored: words[1]))
        }
        return CertificateRecord(
            status: try row.word(1), certificate: CertificateID(trusted: row.text(0)),
            assessment: Assessment(
                category: try row.word(2), grade: try row.word(3), components: components,
                assessedBy: OrganisationID(trusted: row.text(5)), assessedOn: try LocalDate(row.text(6))),
            appliedBy: row.text(7), appliedOn: try LocalDate(row.text(8)), validFrom: try row.textOrNil(9).map { try LocalDate($0) },
            validTo: try row.textOrNil(10).map { try LocalDate($0) })
    }

    private enum Statements {
        private static let columns = """
            certificate, status, category, grade, components, assessed_by, assessed_on, applied_by, applied_on, valid_from, valid_to
            """
        static let load = SQL("SELECT \(columns), version FROM certificates WHERE person = ?")
        static let insert = SQL(
            "INSERT INTO certificates (person, \(columns), version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)")
        static let update = SQL(
            """
            UPDATE certificates SET certificate = ?, status = ?, category = ?, grade = ?, components = ?, assessed_by = ?,
              assessed_on = ?, applied_by = ?, applied_on = ?, valid_from = ?, valid_to = ?, version = version + 1
            WHERE person = ? AND version = ?
            """)
        static let holder = SQL("SELECT person FROM certificates WHERE certificate = ?")
    }
}
