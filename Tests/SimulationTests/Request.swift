import HTTPTypes
import ServiceRuntime

/// Somebody's write over HTTP: asked again under the same key until it is known how it ended.
struct Request {
    let service: ServiceName
    let method: HTTPRequest.Method
    let target: String
    let body: String
    let actor: Actor
    let key: String
    var attempts = 0
    /// The first outcome; asked again, it must be the same to the byte.
    var outcome: (status: Int, body: [UInt8])?
}
