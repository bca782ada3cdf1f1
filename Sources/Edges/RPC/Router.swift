package import Messages

/// Which handler answers which method. Built before the server starts, then fixed.
package struct Router: Sendable {
    /// Takes and gives the bytes of the payload.
    package typealias RawHandler = @Sendable ([UInt8], CallContext) async throws -> [UInt8]

    package struct Route: Sendable {
        package var admission: AdmissionClass
        package var maxFrameBytes: Int
        package var handler: RawHandler
    }

    private var routes: [String: Route] = [:]

    package init() {}

    package var methodNames: [String] { routes.keys.sorted() }

    package func route(for method: String) -> Route? { routes[method] }

    /// Answers `method` by `handler`. A refused value (`MessageError`) reaches the caller as
    /// INVALID_ARGUMENT with its field, another error that is no `RPCError` as INTERNAL.
    package mutating func register<Query, Reply>(
        _ method: Method<Query, Reply>,
        admission: AdmissionClass = .regular,
        _ handler: @escaping @Sendable (Query, CallContext) async throws -> Reply
    ) {
        registerForwarding(method, admission: admission) { query, _, context in
            try await handler(query, context).encoded()
        }
    }

    /// Answers `method` by bytes that are a `Reply` already, as a service does that passes a call on.
    ///
    /// - Parameter handler: gets the decoded request and its payload.
    package mutating func registerForwarding<Query, Reply>(
        _ method: Method<Query, Reply>,
        admission: AdmissionClass = .regular,
        _ handler: @escaping @Sendable (Query, [UInt8], CallContext) async throws -> [UInt8]
    ) {
        registerRaw(method.fullName, admission: admission) { payload, context in
            let query: Query
            do throws(MessageError) {
                query = try Query(decoding: payload)
            } catch {
                throw Self.refusal("no sound \(Query.fullName): \(error.problem)", error)
            }
            do {
                return try await handler(query, payload, context)
            } catch let error as MessageError where error.code == .invalidValue {
                throw Self.refusal("\(error.path) \(error.problem)", error)
            }
        }
    }

    /// What the caller has to mend, by field.
    private static func refusal(_ message: String, _ error: MessageError) -> RPCError {
        RPCError(
            .invalidArgument,
            message,
            field: error.path.isEmpty ? "payload" : error.path,
            remedy: error.remedy
        )
    }

    /// Answers the method of this full name, "chronotope.v1.Query/Recommend", payload bytes to bytes.
    package mutating func registerRaw(
        _ method: String,
        admission: AdmissionClass = .regular,
        _ handler: @escaping RawHandler
    ) {
        precondition(routes[method] == nil, "\(method) is registered twice")
        precondition(method.utf8.count <= RPCLimits.maxMethodNameBytes, "\(method) is too long")
        routes[method] = Route(
            admission: admission,
            maxFrameBytes: RPCLimits.maxFrameBytes(ofMethod: method),
            handler: handler
        )
    }
}
