import Vocabulary

/// One way in which a row of a results file is wrong. What a service must make of each stands beside it.
enum RowFault: String, CaseIterable, Sendable {
    case idChecksum, idImpossibleBirthday, idTooShort, impossibleDate, futureDate, unknownRegion, foreignRegion, sexContradictsID
    case birthDateContradictsID, repeated, conflict, shiftedCategoryCode, unknownCategory, unknownStage, unknownOutcome, unknownSex
    case malformedQuoting, tooOld, missingDocument, revisionNotNumber

    /// What a receipt or upload report must say.
    var ending: RowEnding {
        switch self {
        case .repeated: .repeated
        case .conflict: .conflict
        default: .refused
        }
    }

    /// The code of the refusal; nil where the ending is none.
    var code: String? {
        switch self {
        case .idChecksum: "ID_CHECKSUM_INVALID"
        case .idImpossibleBirthday: "ID_BIRTHDATE_INVALID"
        case .idTooShort: "ID_LENGTH_INVALID"
        case .impossibleDate: "DATE_INVALID"
        case .futureDate: "OCCURRED_IN_FUTURE"
        case .unknownRegion: "REGION_UNKNOWN"
        case .foreignRegion: "REGION_OUT_OF_SCOPE"
        case .sexContradictsID: "ID_SEX_MISMATCH"
        case .birthDateContradictsID: "ID_BIRTHDATE_MISMATCH"
        case .repeated: nil
        case .conflict: "RESULT_CONFLICT"
        case .shiftedCategoryCode: "CATEGORY_CODE_SHIFTED"
        case .unknownCategory: "CATEGORY_UNKNOWN"
        case .unknownStage: "STAGE_UNKNOWN"
        case .unknownOutcome: "OUTCOME_UNKNOWN"
        case .unknownSex: "SEX_INVALID"
        case .malformedQuoting: "CSV_QUOTE_STRAY"
        case .tooOld: "AGE_OUT_OF_RANGE"
        case .missingDocument: "DOCUMENT_REQUIRED"
        case .revisionNotNumber: "REVISION_INVALID"
        }
    }

    /// Spoils `row`. For `repeated` and `conflict`, `earlier` is a sound row of the same file.
    func spoil(_ row: inout ResultRow, earlier: ResultRow, random: inout SplitMix64) {
        switch self {
        case .idChecksum: row.replaceNumber { $0[17] = $0[17] == 48 ? 49 : 48 }
        case .idImpossibleBirthday:
            row.replaceNumber {
                $0.replaceSubrange(10..<14, with: [UInt8]("0230".utf8))
                $0[17] = SyntheticIdentitySource.checkCharacter($0.prefix(17))
            }
        case .idTooShort: row.replaceNumber { $0.removeLast() }
        case .impossibleDate: row.takenOn = "2024-02-30"
        case .futureDate: row.takenOn = "2099-01-01"
        case .unknownRegion: row.residence = "379999001"
        case .foreignRegion: row.residence = row.residence.hasPrefix("37") ? "110101001" : "370102001"
        case .sexContradictsID:
            row.replaceNumber { _ in }
            row.sex = row.sex == "male" ? "female" : "male"
        case .birthDateContradictsID:
            row.replaceNumber { _ in }
            row.birthDate = row.birthDate.hasSuffix("-15") ? row.birthDate.prefix(8) + "16" : row.birthDate.prefix(8) + "15"
        case .repeated: row = earlier
        case .conflict:
            row = earlier
            row.outcome = row.outcome == "negative" ? "positive" : "negative"
        case .shiftedCategoryCode:
            // The health record's codes are the certificate's plus one: 听力 is 3 there, and written down as the certificate's it is 言语.
            row.topic = "hearing"
            row.categoryCode = "3"
            row.codeSystem = "certificate"
        case .unknownCategory: row.topic = "smell"
        case .unknownStage: row.stage = "guess"
        case .unknownOutcome: row.outcome = "maybe"
        case .unknownSex: row.sex = "7"
        case .malformedQuoting: row.tool = ResultRow.brokenQuoting
        case .tooOld:
            row.documentKind = DocumentKind.birthCertificate.wireWord
            row.documentNumber = "Y37" + padded(random.below(10_000_000), 7)
            row.birthDate = "2012-03-04"
        case .missingDocument: row.documentNumber = ""
        case .revisionNotNumber: row.revision = "first"
        }
    }
}

/// How a published row must end.
enum RowEnding: String, CaseIterable, Sendable, Codable {
    case accepted, repeated, conflict, refused
}

extension ResultRow {
    /// A cell that the CSV writer puts down as it is, so that the line breaks RFC 4180: a quote in the middle of a bare field.
    static let brokenQuoting = "ab\"c\"d"

    // Faults of a number need a row that has one: a newborn's row becomes that of an older child first.
    fileprivate mutating func replaceNumber(_ change: (inout [UInt8]) -> Void) {
        if documentKind != DocumentKind.citizenID.wireWord {
            documentKind = DocumentKind.citizenID.wireWord
            let birth = LocalDate(year: 2021, month: 3, day: 14)!
            birthDate = birth.text
            documentNumber = SyntheticIdentitySource.number(prefix: "379999", birth: birth, sequence: sex == "male" ? 999 : 998)
        }
        var bytes = [UInt8](documentNumber.utf8)
        change(&bytes)
        documentNumber = String(decoding: bytes, as: UTF8.self)
    }
}
