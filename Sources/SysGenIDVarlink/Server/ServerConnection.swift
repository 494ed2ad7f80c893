import SysGenIDSystem

/// One who is connected to a server.
struct ServerConnection {
    let socket: StreamSocket
    let peer: Peer
    var conversation: Conversation
    /// What it is watched for.
    var interest: InterestSet.Interest
    var lastUse: UInt64

    /// What it has to be watched for.
    var wantedInterest: InterestSet.Interest {
        var interest: InterestSet.Interest = []
        if conversation.wantsInput { interest.insert(.input) }
        if !conversation.outgoing.isEmpty { interest.insert(.output) }
        // A socket of this system says by itself when its far end is gone.
        if peer.isHost, !interest.contains(.input) { interest.insert(.endOfInput) }
        return interest
    }

    func holder(as key: UInt64) -> Places.Holder {
        Places.Holder(key: key, peer: peer, isIdle: conversation.current == nil, lastUse: lastUse)
    }
}
