import Contracts
import ServiceRuntime
import Vocabulary

/// Screening passed on who a shared case is → a provisional file, opened without anybody having to apply (主动服务).
///
/// A second case of the same child finds the file; while nobody has checked a document, the newest contact data stands.
struct OpenProvisionalFile: Sendable {
    let vault: PersonVault

    func callAsFunction(_ shared: IdentityShared, _: EventMeta, _ work: UnitOfWork) throws {
        let person = try PersonTable.resolve(shared.person, in: work)
        let facts = PersonFacts(person: person, sex: shared.sex, birthMonth: shared.birthDate.month, region: shared.residence)
        let opened = try work.execute(
            .openProvisional(facts: facts, document: shared.documentKind, hasGuardian: !shared.guardianName.isEmpty), PersonTable.self,
            person)
        guard person == shared.person else { return }
        let secrets = PersonSecrets(
            name: shared.name, documentKind: shared.documentKind, documentNumber: shared.documentNumber, birthDate: shared.birthDate.text,
            birthOrder: shared.birthOrder, guardianName: shared.guardianName.isEmpty ? nil : shared.guardianName,
            guardianTelephone: shared.guardianTelephone.isEmpty ? nil : shared.guardianTelephone)
        if opened.isEmpty {
            guard try SecretsTable.open(person, with: vault, in: work.tx) != secrets else { return }
            guard try !work.execute(.renewContact, PersonTable.self, person).isEmpty else { return }
        }
        try SecretsTable.keep(secrets, of: person, with: vault, in: work.tx)
    }
}
