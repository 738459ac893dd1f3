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
    /// Who asked that the person be erased, as `Actor.signature` has it; another one has to confirm.
    var erasureRequestedBy: String?
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
        /// Something more of the person is sealed beside the file, such as a certificate's number.
        case sealBeside
        case attachIdentity(Attachment)
        case requestMerge(into: PersonID, by: String, agrees: Bool)
        case confirmMerge(into: PersonID, by: String)
        case withdrawMerge
        /// The other side of a merge: the file that stays.
        case absorb
        case unmerge(from: PersonID)
        case release
        case requestErasure(by: String)
        case confirmErasure(by: String)
        /// Another file of a person whose erasure was confirmed.
        case erase
    }

    enum Event: Hashable, Sendable {
        case registered(PersonFacts, hasGuardian: Bool)
        case openedProvisionally(PersonFacts, document: DocumentKind, hasGuardian: Bool)
        /// Changes nothing here; what is sealed beside the file changes with it, so that an erasure at the same moment meets it.
        case contactRenewed, sealedBeside
        case identityAttached
        case mergeRequested(PersonFile.MergeRequest)
        case mergeRequestWithdrawn
        case merged(into: PersonID)
        case absorbed
        case unmerged(from: PersonID)
        case released
        case erasureRequested(by: String)
        case erased
    }

    static func decide(_ command: Command, given file: PersonFile?) throws(PersonRefusal) -> [Event] {
        switch (command, file?.status) {
        // Told first and alike whether there is a file or not: what is missing must not tell who is known here.
        case (.register(let person), _) where person.completedYears < person.adultFrom && !person.hasGuardian: throw .guardianRequired
        case (.register(let person), nil):
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

        case (.sealBeside, .provisional), (.sealBeside, .active), (.sealBeside, .merged): return [.sealedBeside]
        case (.sealBeside, .erased): throw .personErased
        case (.sealBeside, nil): throw .personUnknown

        case (.attachIdentity(let attachment), .provisional):
            // First what shows in this file alone: whether somebody else has the number is told only of one that could be this person's.
            guard attachment.agrees, !attachment.contradictsNumber else { throw .identityMismatch }
            if attachment.numberTaken { throw .personDuplicate }
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

        case (.withdrawMerge, .provisional), (.withdrawMerge, .active): return file?.pendingMerge == nil ? [] : [.mergeRequestWithdrawn]
        case (.withdrawMerge, .merged): throw .personMerged
        case (.withdrawMerge, .erased): throw .personErased
        case (.withdrawMerge, nil): throw .personUnknown

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

        // Nothing brings an erased person back: one asks, another confirms.
        case (.requestErasure(let user), .provisional), (.requestErasure(let user), .active), (.requestErasure(let user), .merged):
            return file?.erasureRequestedBy == nil ? [.erasureRequested(by: user)] : []
        case (.requestErasure, .erased), (.confirmErasure, .erased): return []
        case (.requestErasure, nil), (.confirmErasure, nil): throw .personUnknown
        case (.confirmErasure(let user), .provisional), (.confirmErasure(let user), .active), (.confirmErasure(let user), .merged):
            guard let asked = file?.erasureRequestedBy else { throw .erasureNotRequested }
            guard !Actor.isSame(asked, as: user) else { throw .fourEyes }
            return [.erased]

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
        case .contactRenewed, .sealedBeside:
            return change(file) { _ in }
        case .identityAttached:
            return change(file) {
                $0.status = .active
                $0.document = .citizenID
                $0.identityChecked = true
            }
        case .mergeRequested(let request):
            return change(file) { $0.pendingMerge = request }
        case .mergeRequestWithdrawn:
            return change(file) { $0.pendingMerge = nil }
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
        case .erasureRequested(let user):
            return change(file) { $0.erasureRequestedBy = user }
        case .erased:
            return change(file) {
                $0.status = .erased
                $0.pendingMerge = nil
                $0.erasureRequestedBy = nil
            }
        }
    }

    private static func change(_ file: PersonFile?, _ body: (inout PersonFile) -> Void) -> PersonFile {
        guard var file else { preconditionFailure("only the two opening events start a person file") }
        body(&file)
        return file
    }
}
