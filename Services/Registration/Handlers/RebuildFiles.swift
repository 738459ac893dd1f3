import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: the directory and the person files as this service's own events tell them.
///
/// The log names nobody, so what is sealed beside a file (name, number, guardian, telephone) comes back only where it is read again: of
/// provisional files, from Screening while its topic keeps it.
enum RebuildFiles {
    static let unsaid = [
        Unsaid(
            "窗口登记或补录的姓名、证件号、监护人和电话（密封保存，不上任何主题）；临时档案的此类信息在筛查身份主题保留期内可重新读回",
            "names, numbers, guardians and telephones entered at the window (sealed, on no topic); those of provisional files are read again while the identities topic keeps them"
        ),
        Unsaid("合并申请；残疾人证申请及其评定和证号", "requests to merge; applications for certificates with their assessment and number"),
        Unsaid("删除请求的登记（密钥已销毁，内容仍不可读）", "that a person was erased (the key is destroyed: nothing becomes readable again)"),
        Unsaid("联系方式查阅审计和写入身份证别名", "the audit of contacts read, and aliases of identity documents"),
    ]

    static let rebuilding: [Rebuilding] = [
        .on(OrganisationRegistered.self) { event, _, work in
            let details = Organisation(
                kind: event.kind, name: event.name, creditCode: event.creditCode, region: event.region, validFrom: event.validFrom)
            try work.rebuild(.registered(details), OrganisationTable.self, event.organisation)
        },
        .on(PersonRegistered.self) { event, _, work in
            let person = event.facts.person
            try work.rebuild(
                event.provisional
                    ? .openedProvisionally(
                        event.facts, document: event.document ?? .birthCertificate, hasGuardian: event.hasGuardian ?? false)
                    : .registered(event.facts, hasGuardian: event.hasGuardian ?? false), PersonTable.self, person)
        },
        .on(IdentityAttached.self) { event, _, work in
            try known(event.person, work)
            try work.rebuild(.identityAttached, PersonTable.self, event.person)
        },
        .on(PersonsMerged.self) { event, _, work in
            try known(event.merged, work)
            try known(event.kept, work)
            try work.rebuild(.merged(into: event.kept), PersonTable.self, event.merged)
            try work.rebuild(.absorbed, PersonTable.self, event.kept)
        },
        .on(PersonsUnmerged.self) { event, _, work in
            try known(event.merged, work)
            try known(event.kept, work)
            try work.rebuild(.unmerged(from: event.kept), PersonTable.self, event.merged)
            try work.rebuild(.released, PersonTable.self, event.kept)
        },
        .on(CertificateIssued.self) { event, _, work in
            // Applied for before the backup: then only the issue is missing. Of a younger application nobody else was told.
            let person = event.facts.person
            guard try work.state(CertificateTable.self, person)?.certificate == event.certificate else {
                throw NotRebuilt("certificate \(event.certificate)")
            }
            try work.rebuild(.issued(validFrom: event.validFrom, validTo: event.validTo), CertificateTable.self, person)
        },
        .nothing(DeadLettered.self),
    ]

    private static func known(_ person: PersonID, _ work: UnitOfWork) throws {
        guard try work.state(PersonTable.self, person) != nil else { throw NotRebuilt("person \(person)") }
    }
}
