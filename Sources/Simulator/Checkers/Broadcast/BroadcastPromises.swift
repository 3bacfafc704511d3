/// What messages to everybody and to one node promise.
public enum BroadcastPromises {
    /// Nobody hears a message twice.
    public static var once: Promise {
        Promise("broadcast-once", "a node that stays up delivers a message at most once")
    }
    /// Nothing is made up or changed.
    public static var sent: Promise {
        Promise("broadcast-sent", "what is delivered was sent, with this payload, by the node it names")
    }
    /// The path of a message is the way it took.
    public static var path: Promise {
        Promise(
            "broadcast-path", "the path of a message begins at its origin and has been gone, node by node, once each")
    }
    /// A message does not go further than it may.
    public static var hops: Promise {
        Promise("broadcast-hops", "no message makes more hops than its time to live")
    }
    /// A direct message reaches whom it was meant for, and a confirmation is true.
    public static var direct: Promise {
        Promise("broadcast-direct", "a direct message is received by its receiver alone, and confirmed only if it was")
    }
    /// Everybody hears everything.
    public static var reachesAll: Promise {
        Promise("broadcast-reaches-all", "whoever is up from the sending of a message to the end has delivered it")
    }

    /// Those that must hold after every event.
    public static var safety: [Promise] { [once, sent, path, hops, direct] }
    /// All of them.
    public static var all: [Promise] { safety + [reachesAll, tree] }
    /// Messages travel on a tree.
    public static var tree: Promise {
        Promise("plumtree-tree", "once the tree has grown, most messages arrive at a node once")
    }
}
