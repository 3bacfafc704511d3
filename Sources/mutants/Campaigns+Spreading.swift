#if MUTANTS
/// Broadcasts, the overlay and the tree.
extension Campaign {
    static let floodsText = """
        scenario "Messages take long and short ways at once"
        duration 20s
        cluster
          nodes 16
          run broadcast
          broadcast degree 4  ttl 4
        network
          latency uniform 1ms..60ms
          duplicate 5%
        workload broadcast
          rate 40/s
          mix broadcast 70% send 30%
          from 1s until 12s
        expect
          always broadcast-safety
        """

    static let treesText = """
        scenario "A lossy tree of which most crashes"
        duration 50s
        cluster
          nodes 20
          run plumtree
          plumtree graft 200ms  compare 1s  keep 10s
          hyparview beat 300ms
        network
          latency uniform 5ms..30ms
        workload broadcast
          rate 5/s
          from 8s until 25s
        timeline
          at 10s  loss 30% for 10s
          at 15s  crash random 12
        expect
          always broadcast-safety
          always broadcast-reaches-all
        """

    static let calmTreesText = """
        scenario "A tree nobody disturbs"
        duration 50s
        cluster
          nodes 30
          run plumtree
        network
          latency uniform 5ms..30ms
        workload broadcast
          rate 5/s
          on n3
          from 8s until 18s
        expect
          always broadcast-safety
          always broadcast-reaches-all
          always plumtree-tree
        """
}
#endif
