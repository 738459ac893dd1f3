import Contracts
import ServiceRuntime
import Vocabulary

/// A person file (一人一档) without what identifies the person: names, numbers and telephones live sealed beside it (`PersonSecrets`).
struct PersonFile: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable {
        /// Opened from a screening case; nobody has checked a document yet.
        case provisional
        /// A citizen ID was shown and checked.
        case active
        /// An alias of `mergedInto`.
        case merged
        /// The person's key is destroyed; only the pseudonymous facts remain.
        case erased
    }

    /// One person asked, another has to confirm.
    struct MergeRequest: Hashable, Sendable {
        var into: PersonID
        /// As `Actor.signature` has it.
        var requestedBy: String
    }

    var status: Status
    var facts: PersonFacts
    var origin: PersonOrigin
    var document: DocumentKind
    var hasGuardian: Bool
    /// Somebody has seen the citizen ID; false for a file opened from a screening case alone.
    var identityChecked: Bool
    var pendingMerge: MergeRequest?
    var mergedInto: PersonID?
    /// Files merged into this one; counted so that both sides of a merge change and two crossed merges cannot both win.
    var absorbed: Int = 0
}

/// The rules of a person file: who is on record, under which document, and which two files are one person.
enum PersonRules: Decider {
    typealias State = PersonFile
    typealias Refused = PersonRefusal

    /// A person who stands at the window with a citizen ID.
    struct Registration: Hashable, Sendable {
        var facts: PersonFacts
        var completedYears: Int
        var adultFrom: Int
        var hasGuardian: Bool
    }

    /// What a clerk saw when a document was attached, compared with what is sealed in the file.
    struct Attachment: Hashable, Sendable {
        /// Sex and birth date on the document equal those on file.
        var agrees: Bool
        /// The file already names another citizen ID.
        var contradictsNumber: Bool
        /// Another file is kept under this number: the two have to be merged instead.
        var numberTaken: Bool
    }

    enum Command: Hashable, Sendable {
        case register(Registration)
        case openProvisional(facts: PersonFacts, document: DocumentKind, hasGuardian: Bool)
        /// A bureau sent who the child is once more, in other words than before.
        case renewContact
        case attachIdentity(Attachment)
        case requestMerge(into: PersonID, by: String, agrees: Bool)
        case confirmMerge(into: PersonID, by: String)
        /// The other side of a merge: the file that stays.
        case absorb
        case unmerge(from: PersonID)
        case release
        case erase
    }

    enum Event: Hashable, Sendable {
        case registered(PersonFacts, hasGuardian: Bool)
        case openedProvisionally(PersonFacts, document: DocumentKind, hasGuardian: Bool)
        /// Changes nothing here; what is sealed beside the file changes with it, so that an erasure at the same moment meets it.
        case contactRenewed
        case identityAttached
        case mergeRequested(PersonFile.MergeRequest)
        case merged(into: PersonID)
        case absorbed
        case unmerged(from: PersonID)
        case released
        case erased
    }

    static func decide(_ command: Command, given file: PersonFile?) throws(PersonRefusal) -> [Event] {
        switch (command, file?.status) {
        case (.register(let person), nil):
            guard person.completedYears >= person.adultFrom || person.hasGuardian else { throw .guardianRequired }
            return [.registered(person.facts, hasGuardian: person.hasGuardian)]
        case (.register, .provisional), (.register, .active): throw .personDuplicate
        case (.register, .merged): throw .personMerged
        case (.register, .erased): throw .personErased

        case (.openProvisional(let facts, let document, let hasGuardian), nil):
            return [.openedProvisionally(facts, document: document, hasGuardian: hasGuardian)]
        // Another case of the same child, or a child already on record: the file that stands is the one wanted.
        case (.openProvisional, .provisional), (.openProvisional, .active), (.openProvisional, .merged), (.openProvisional, .erased):
            return []

        // While nobody has checked a document the newest contact stands; afterwards the checked one does.
        case (.renewContact, .provisional): return [.contactRenewed]
        case (.renewContact, .active), (.renewContact, .merged), (.renewContact, .erased): return []
        case (.renewContact, nil): throw .personUnknown

        case (.attachIdentity(let attachment), .provisional):
            if attachment.numberTaken { throw .personDuplicate }
            guard attachment.agrees, !attachment.contradictsNumber else { throw .identityMismatch }
            return [.identityAttached]
        case (.attachIdentity(let attachment), .active):
            if attachment.contradictsNumber || !attachment.agrees { throw .identityMismatch }
            return []  // The same document shown again.
        case (.attachIdentity, .merged): throw .personMerged
        case (.attachIdentity, .erased): throw .personErased
        case (.attachIdentity, nil): throw .personUnknown

        case (.requestMerge(let kept, let user, let agrees), .provisional), (.requestMerge(let kept, let user, let agrees), .active):
            guard kept != file?.facts.person else { throw .mergeSelf }
            guard agrees else { throw .mergeMismatch }
            let request = PersonFile.MergeRequest(into: kept, requestedBy: user)
            if file?.pendingMerge == request { return [] }
            guard file?.pendingMerge == nil else { throw .mergePending }
            return [.mergeRequested(request)]
        case (.requestMerge(let kept, _, _), .merged):
            guard file?.mergedInto == kept else { throw .personMerged }
            return []
        case (.requestMerge, .erased): throw .personErased
        case (.requestMerge, nil): throw .personUnknown

        case (.confirmMerge(let kept, let user), .provisional), (.confirmMerge(let kept, let user), .active):
            guard let pending = file?.pendingMerge, pending.into == kept else { throw .mergeNotRequested }
            guard !Actor.isSame(pending.requestedBy, as: user) else { throw .fourEyes }
            return [.merged(into: kept)]
        case (.confirmMerge(let kept, _), .merged):
            guard file?.mergedInto == kept else { throw .personMerged }
            return []
        case (.confirmMerge, .erased): throw .personErased
        case (.confirmMerge, nil): throw .personUnknown

        case (.absorb, .provisional), (.absorb, .active): return [.absorbed]
        case (.absorb, .merged): throw .personMerged
        case (.absorb, .erased): throw .personErased
        case (.absorb, nil): throw .personUnknown

        case (.unmerge(let kept), .merged):
            guard file?.mergedInto == kept else { throw .notMerged }
            return [.unmerged(from: kept)]
        case (.unmerge, .provisional), (.unmerge, .active): throw .notMerged
        case (.unmerge, .erased): throw .personErased
        case (.unmerge, nil): throw .personUnknown

        case (.release, .provisional), (.release, .active), (.release, .merged): return [.released]
        // The person asked to be forgotten: nothing that was theirs becomes somebody again.
        case (.release, .erased): throw .personErased
        case (.release, nil): throw .personUnknown

        case (.erase, .provisional), (.erase, .active), (.erase, .merged): return [.erased]
        case (.erase, .erased): return []
        case (.erase, nil): throw .personUnknown
        }
    }

    static func evolve(_ file: PersonFile?, with event: Event) -> PersonFile {
        switch event {
        case .registered(let facts, let hasGuardian):
            return PersonFile(
                status: .active, facts: facts, origin: .window, document: .citizenID, hasGuardian: hasGuardian, identityChecked: true)
        case .openedProvisionally(let facts, let document, let hasGuardian):
            return PersonFile(
                status: .provisional, facts: facts, origin: .screeningCase, document: document, hasGuardian: hasGuardian,
                identityChecked: false)
        case .contactRenewed:
            return change(file) { _ in }
        case .identityAttached:
            return change(file) {
                $0.status = .active
                $0.document = .citizenID
                $0.identityChecked = true
            }
        case .mergeRequested(let request):
            return change(file) { $0.pendingMerge = request }
        case .merged(let kept):
            return change(file) {
                $0.status = .merged
                $0.mergedInto = kept
                $0.pendingMerge = nil
            }
        case .absorbed:
            return change(file) { $0.absorbed += 1 }
        case .unmerged:
            return change(file) {
                $0.status = $0.identityChecked ? .active : .provisional
                $0.mergedInto = nil
            }
        case .released:
            return change(file) { $0.absorbed -= 1 }
        case .erased:
            return change(file) {
                $0.status = .erased
                $0.pendingMerge = nil
            }
        }
    }

    private static func change(_ file: PersonFile?, _ body: (inout PersonFile) -> Void) -> PersonFile {
        guard var file else { preconditionFailure("only the two opening events start a person file") }
        body(&file)
        return file
    }
}
