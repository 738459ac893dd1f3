/// Who may do what, as the field's rules have it: written by hand, from nothing the services say of themselves. A route that is not here
/// fails the test, so whoever adds one decides here who may use it.
///
/// A line: method, path, roles, whose objects, and what an allowed caller gets where that is not simply a success.
enum AccessTable {
    /// What narrows a right that the role alone would give.
    enum Reach: String {
        /// Nothing: everybody in the role gets the same.
        case all
        /// Objects of the caller's region; outside it they do not exist.
        case region
        /// A region the caller names; outside the caller's own it is refused as such.
        case named
        /// A list: outside the caller's region it is empty of what is inside.
        case list
        /// Objects of the caller's organisation; to every other organisation they do not exist.
        case own
        /// `own` for centres and employers, `region` for everybody else.
        case ownOrRegion
        /// `own` for centres and employers, `list` for everybody else.
        case ownOrList
        /// `region` for clerks; an employer acts for itself and with whoever it meets.
        case clerksRegion
        /// The owner of the referral alone, whatever the role: everybody else gets 404.
        case ownerOnly
        /// A file whose every line names a region: a line outside the caller's own is refused as such, and nothing of it is entered.
        case lines
        /// What is about every region at once: a reviewer needs a region that holds them all, an operator is bound to none.
        case whole
    }

    struct Right {
        let service: String
        let method: String
        let path: String
        let roles: Set<String>
        let isOpen: Bool
        let reach: Reach
        /// What an allowed caller gets, where that is not a success: a 404 because there is no such thing, or a 409 because the case has
        /// come past that step. Whoever has no right gets neither.
        let expected: Set<Int>
        let body: String
        let type: String
    }

    static let roles: Set<String> = [
        "healthBureau", "clerk", "reviewer", "rehabilitationCentre", "employer", "finance", "auditor", "dashboard", "operator",
    ]

    private static let short: [String: String] = [
        "bureau": "healthBureau", "centre": "rehabilitationCentre",
    ]

    /// Of every service.
    private static let chassis = """
        GET  /live                          open      all
        GET  /ready                         open      all
        GET  /status                        open      all
        GET  /metrics                       open      all
        GET  /openapi.json                  open      all
        GET  /clock                         open      all
        POST /clock                         operator  all         - {"date":"2024-07-08"}
        GET  /session                       open      all
        POST /session                       open      all         415
        POST /session/end                   open      all         415
        POST /forms                         open      all         415
        GET  /sign-in/openid                open      all         404
        GET  /sign-in/openid/callback       open      all         404
        GET  /assets/page.css               open      all
        GET  /assets/icon.svg               open      all
        GET  /dead-letters                  operator,auditor  all
        GET  /dead-letters/{unknown}        operator,auditor  all 404
        POST /dead-letters/{unknown}/replay operator  all         404
        GET  /held                          operator,auditor  all
        GET  /trace/{unknown}               operator,auditor  all
        GET  /leaks/{unknown}               operator,auditor  all         404
        GET  /positions                     operator,auditor  all
        GET  /sources                       operator,auditor  all
        POST /sources/resume                operator  all         409 {"topic":"none","from":"same"}
        POST /republish                     operator  all         404 {"topic":"none"}
        POST /restore                       operator  all         409 {}
        """

    private static let own: [String: String] = [
        "registration": """
        POST /persons                             clerk                   named  - {"citizenID":"37999919900101007X","name":"某","region":"370303001"}
        POST /persons/lookup                      clerk,reviewer          region - {"citizenID":"{adultDocument}"}
        GET  /persons                             clerk,reviewer,auditor  list
        GET  /persons/{person}                    clerk,reviewer,auditor  region
        POST /persons/{person}/identity           clerk                   region - {"citizenID":"379999202109010025"}
        POST /persons/{twin}/merges               clerk,reviewer          region 200,409 {"into":"{adult}"}
        POST /persons/{twin}/merges/confirmation  clerk,reviewer          region - {"into":"{adult}"}
        POST /persons/{twin}/merges/withdrawal    clerk,reviewer          region 200,409
        POST /persons/{twin}/merges/undo          reviewer                region - {"from":"{adult}"}
        GET  /persons/{person}/contact?referral={referral}&purpose=intake any ownerOnly
        GET  /persons/{person}/timeline           clerk,reviewer,auditor  region
        GET  /persons/{adult}/certificates        clerk,reviewer,auditor  region
        POST /persons/{adult}/certificates        clerk                   region 409 {"category":"hearing","grade":1,"assessedBy":"hb-3703","assessedOn":"2024-06-03"}
        POST /certificates/{certificate}/issue    clerk,reviewer          region
        POST /certificates/{certificate}/refusal  clerk,reviewer          region 409
        GET  /certificates/{certificate}/number?purpose=print clerk,reviewer region
        POST /organisations                       clerk,reviewer          named  - {"kind":"employer","name":"x","region":"370303"}
        POST /organisations/import                clerk,reviewer          named  - {"organisations":[{"kind":"employer","name":"y","region":"370303"}]}
        POST /organisations/file                  clerk,reviewer          lines  - csv:机构编号,机构类别,机构名称,所在地\\nem-9,用人单位,测试单位,370303
        GET  /organisations/template.csv          any                     all
        GET  /organisations                       any                     all
        GET  /organisations/{centre}              any                     all
        POST /incidents                           operator,auditor        all    - {"topic":"careloop.screening.dead-letters.v1","purpose":"leak"}
        GET  /audit                               auditor                 all
        GET  /audit/verification                  auditor                 all
        GET  /policies                            any                     all
        GET  /desk                                clerk,reviewer,auditor  list
        GET  /desk/persons/{person}               clerk,reviewer,auditor  region
        GET  /desk/contact?person={person}&referral={referral}&purpose=intake centre own
        POST /persons/{twin}/erasure              clerk,reviewer          region - {"purpose":"request of the family"}
        POST /persons/{twin}/erasure/confirmation reviewer                region
        """,
        "screening": """
        POST /uploads                       bureau                         all - []
        GET  /uploads                       bureau                         own
        GET  /uploads/{upload}              bureau                         own
        GET  /uploads/{upload}/refused.json bureau                         own
        GET  /uploads/{upload}/refused.csv  bureau                         own    404
        GET  /uploads/template.csv          open                           all
        GET  /policies                      open                           all
        GET  /persons/{person}/cases        clerk,reviewer,bureau,auditor  list
        GET  /cases/{case}                  clerk,reviewer,bureau,auditor  region
        GET  /worklist?kind=undecided       clerk,reviewer,bureau,auditor  list
        GET  /worklist?kind=overdue&region=370303 clerk,reviewer,bureau,auditor named
        GET  /referrals                     clerk,reviewer,bureau,auditor  list
        GET  /referrals?case={case}         clerk,reviewer,bureau,auditor  list
        GET  /referrals/{referral}          clerk,reviewer,bureau,auditor  region
        GET  /referrals/{referral}/candidates clerk,reviewer               region
        GET  /desk                          clerk,reviewer,bureau,auditor  list
        GET  /desk/work                     clerk,reviewer,bureau,auditor  list
        GET  /desk/uploads                  bureau                         own
        GET  /desk/uploads/{upload}         bureau                         own
        GET  /desk/referrals                clerk,reviewer,auditor         list
        GET  /desk/referrals/{referral}     clerk,reviewer,auditor         region
        GET  /desk/cases/{case}             clerk,reviewer,bureau,auditor  region
        POST /cases/{case}/referral         clerk                          region
        POST /referrals/{referral}/choice   clerk                          region 409 {"institution":"rc-1"}
        POST /referrals/{referral}/withdraw clerk                          region 409 {"reason":"x"}
        """,
        "rehabilitation": """
        POST /agreements                              clerk,reviewer                        named  - {"institution":"rc-2","region":"370303","categories":["hearing"],"capacity":9,"validFrom":"2024-01-01","validTo":"2026-12-31"}
        POST /agreements/{centre}/scope               clerk,reviewer                        region - {"categories":["hearing"],"capacity":9,"validTo":"2026-12-31"}
        POST /agreements/import                       clerk,reviewer                        lines  - csv:机构编号,所在地,类别,容量,开始,结束\\nrc-2,370303,听力,9,2024-01-01,2026-12-31
        GET  /agreements/template.csv                 any                                   all
        GET  /institutions                            clerk,reviewer,centre,auditor,finance ownOrList
        GET  /institutions/{centre}                   clerk,reviewer,centre,auditor,finance ownOrRegion
        GET  /referrals                               centre,clerk,reviewer,auditor         ownOrList
        GET  /referrals/{referral}                    centre,clerk,reviewer,auditor         ownOrRegion
        GET  /settlements/{settlement}/lines          clerk,reviewer,finance,auditor,centre ownOrRegion
        GET  /desk                                    centre,clerk,reviewer,finance,auditor ownOrList
        GET  /desk/referrals                          centre,clerk,reviewer,auditor         ownOrList
        GET  /desk/referrals/{referral}               centre,clerk,reviewer,auditor         ownOrRegion
        GET  /desk/withdrawn-diagnoses                clerk,reviewer,auditor                list
        GET  /desk/merged-trainings                   clerk,reviewer,auditor                list
        GET  /desk/applications                       centre,clerk,reviewer,auditor         ownOrList
        GET  /desk/applications/{application}         centre,clerk,reviewer,auditor         ownOrRegion
        GET  /desk/enrolments                         centre,clerk,reviewer,finance,auditor ownOrList
        GET  /desk/enrolments/{enrolment}             centre,clerk,reviewer,finance,auditor ownOrRegion
        GET  /desk/settlements                        centre,clerk,reviewer,finance,auditor ownOrList
        GET  /desk/settlements/{settlement}           centre,clerk,reviewer,finance,auditor ownOrRegion
        POST /referrals/{referral}/answer             centre                                own    - {"attempt":1,"answer":"accept"}
        POST /applications                            clerk                                 region 409 {"referral":"{referral}","residenceBasis":"hukou"}
        POST /applications/{application}/materials    clerk                                 region
        POST /applications/{application}/approval     reviewer                              region
        POST /applications/{application}/rejection    reviewer                              region 409 {"reason":"x"}
        POST /applications/{application}/institution  clerk                                 region 409 {"institution":"rc-1"}
        POST /applications/{application}/withdrawal   clerk                                 region 409 {"reason":"x"}
        GET  /applications                            clerk,reviewer,auditor,centre         ownOrList
        GET  /applications/{application}              clerk,reviewer,auditor,centre         ownOrRegion
        POST /enrolments                              centre                                own    409 {"application":"{application}"}
        POST /enrolments/{enrolment}/months           centre                                own    409 {"month":"2024-06","serviceDays":20,"grossFen":1,"basicInsuranceFen":0,"seriousIllnessFen":0,"medicalReliefFen":0,"otherInsuranceFen":0}
        POST /enrolments/{enrolment}/months/2024-06/correction centre                       own    409 {"serviceDays":20,"grossFen":1,"basicInsuranceFen":0,"seriousIllnessFen":0,"medicalReliefFen":0,"otherInsuranceFen":0,"reason":"x"}
        GET  /enrolments                              centre,clerk,reviewer,finance,auditor ownOrList
        GET  /enrolments/{enrolment}                  centre,clerk,reviewer,finance,auditor ownOrRegion
        GET  /enrolments/{enrolment}/lines            centre,clerk,reviewer,finance,auditor ownOrRegion
        GET  /worklists/withdrawn-diagnoses           clerk,reviewer,auditor                list
        GET  /worklists/merged-trainings              clerk,reviewer,auditor                list
        POST /settlements                             clerk                                 region 409 {"institution":"{centre}","quarter":"2024-Q2"}
        POST /settlements/{settlement}/approval       reviewer                              region
        POST /settlements/{settlement}/rejection      reviewer                              region 409 {"reason":"x"}
        POST /settlements/{settlement}/payment        finance                               region
        GET  /settlements                             clerk,reviewer,finance,auditor,centre ownOrList
        GET  /settlements/{settlement}                clerk,reviewer,finance,auditor,centre ownOrRegion
        GET  /worklists/settlements                   clerk,reviewer,finance,auditor        list
        GET  /policies                                any                                   all
        GET  /account                                 auditor,operator                      all
        POST /enrolments/{enrolment}/end              centre                                own    - {"outcome":"droppedOut"}
        """,
        "employment": """
        POST /employers                            clerk                   named  - {"employer":"em-2","region":"370303"}
        GET  /employers                            clerk,auditor           list
        POST /placements                           clerk,employer          clerksRegion 409 {"jobSeeker":"{jobSeeker}","employer":"em-1","form":"flexible","startedOn":"2024-07-01","contractUntil":"2026-12-31","monthlyWageFen":250000}
        GET  /placements                           clerk,employer,auditor  ownOrList
        GET  /placements/{placement}               clerk,employer,auditor  ownOrRegion
        POST /placements/{placement}/confirmations clerk,employer          ownOrRegion - {"month":1,"evidence":"payroll"}
        POST /placements/{placement}/end           clerk,employer          ownOrRegion - {"endedOn":"2024-07-02","reason":"resigned"}
        POST /job-seekers                          clerk                   region 409 {"person":"{adult}","consentToShare":true}
        GET  /job-seekers                          clerk,employer,auditor  list
        GET  /job-seekers/{jobSeeker}              clerk,employer,auditor  region
        POST /job-seekers/{jobSeeker}/consent      clerk                   region - {"consentToShare":true}
        POST /job-seekers/{jobSeeker}/trainings    clerk                   region - {"kind":"skill","hours":40}
        GET  /policies                             any                     all
        """,
        "reporting": """
        GET  /                  open     all
        GET  /assets/figures.js open     all
        GET  /releases          open     all
        GET  /published         open     all
        POST /releases          reviewer,operator whole - {"month":"2024-06"}
        GET  /events?region=370303      dashboard,auditor,clerk,reviewer,finance,bureau,operator named
        GET  /funnel?region=370303      dashboard,auditor,clerk,reviewer,finance,bureau,operator named
        GET  /regions/370303            dashboard,auditor,clerk,reviewer,finance,bureau,operator named
        GET  /figures?region=370303     dashboard,auditor,clerk,reviewer,finance,bureau,operator named
        GET  /indicators?region=370303  dashboard,auditor,clerk,reviewer,finance,bureau,operator named
        """,
    ]

    /// Every right, in the order in which an allowed caller may try them: what destroys stands last.
    static let rights: [Right] = own.sorted { $0.key < $1.key }.flatMap { service, text in
        (chassis + "\n" + text).split(separator: "\n").map { parse(String($0), service) }
    }

    private static func parse(_ line: String, _ service: String) -> Right {
        let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).map(String.init)
        guard words.count >= 4, let reach = Reach(rawValue: words[3]) else { preconditionFailure("not a right: \(line)") }
        let named = words[2].split(separator: ",").map { short[String($0)] ?? String($0) }
        let body = words.count > 5 ? words[5] : ""
        let isCSV = body.hasPrefix("csv:")
        return Right(
            service: service, method: words[0], path: words[1], roles: ["open", "any"].contains(words[2]) ? roles : Set(named),
            isOpen: words[2] == "open", reach: reach,
            expected: Set((words.count > 4 ? words[4] : "").split(separator: ",").compactMap { Int($0) }),
            body: isCSV ? String(body.dropFirst(4)).replacing("\\n", with: "\n") : body, type: isCSV ? "text/csv" : "application/json")
    }
}
