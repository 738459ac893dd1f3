import ServiceRuntime
import Vocabulary

extension [QueryParameter] {
    /// What `scope()` and a page read.
    static var scopedPage: [QueryParameter] { ["region", "institution"] + .page }
}

extension EndpointRequest {
    /// The rows this caller may see: a centre its own, everybody else the region's. A `region` in the query narrows it.
    func scope() throws -> Scope {
        let wanted = try query("region", as: RegionCode.self)
        if actor.role == .rehabilitationCentre { return Scope(region: wanted, institution: try organisation()) }
        if let wanted { try actor.mayAct(in: wanted) }
        return Scope(region: wanted ?? actor.region, institution: try query("institution", as: OrganisationID.self))
    }

    /// The caller's own organisation. A token without one owns nothing and finds nothing.
    func organisation() throws -> OrganisationID {
        guard let organisation = actor.organisation else { throw Problem.notFound }
        return organisation
    }

    /// Who acts, for the four-eyes rule: the user within the organisation, whatever role the token names. One person with two roles is one.
    var signature: String { "\(actor.organisation?.text ?? "-")/\(actor.user)" }

    /// Throws 404 when a centre asks about somebody else's, and when the region is not the caller's.
    func mayRead(_ region: RegionCode, of institution: OrganisationID?) throws {
        if actor.role == .rehabilitationCentre {
            guard institution == (try organisation()) else { throw Problem.notFound }
        } else {
            try actor.mustSee(region, orElse: Problem.notFound)
        }
    }
}

extension UnitOfWork {
    /// Who acted, as `EndpointRequest.signature` has it.
    var signature: String { "\(cause.actor.organisation?.text ?? "-")/\(cause.actor.user)" }
}

/// A text a person writes: bounded, so that no event grows beyond its topic.
func bounded(_ text: String, field: String) throws -> String {
    guard text.count <= AnswerReferral.reasonCharacters else { throw Problem.invalid(field: field, "TEXT_TOO_LONG") }
    return text
}
