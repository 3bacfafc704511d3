import Testing

@Suite("A mistake in the words is shown with its line, a caret and the way out")
struct WordErrorTests {
    @Test("an unknown section, setting or action is named with its nearest word")
    func anUnknownSectionSettingOrActionIsNamedWithItsNearestWord() {
        let shown = errorsBelowHead(
            """
            netwrok
              latency 5ms
              los 1%
            timeline
              at 2s crahs leader
              at 2s crash leader loosing unsynced
            """)
        let expected =
            """
            t.mesh:5:1: error: unknown section "netwrok"
            netwrok
            ^~~~~~~
            did you mean "network"?
            t.mesh:7:3: error: unknown setting "los" in "network"
              los 1%
              ^~~
            did you mean "loss"?
            t.mesh:9:9: error: unknown action "crahs"
              at 2s crahs leader
                    ^~~~~
            did you mean "crash"?
            t.mesh:10:22: error: unexpected "loosing"
              at 2s crash leader loosing unsynced
                                 ^~~~~~~
            did you mean "losing"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a line in the wrong section is told where it belongs")
    func aLineInTheWrongSectionIsToldWhereItBelongs() {
        let shown = errorsBelowHead(
            """
            network
              fsync 1ms
            timeline
              clients 3
              crash leader
            """)
        let expected =
            """
            t.mesh:6:3: error: "fsync" belongs in the section "disk"
              fsync 1ms
              ^~~~~
            t.mesh:8:3: error: "clients" belongs in the section "workload"
              clients 3
              ^~~~~~~
            t.mesh:9:3: error: a line of the timeline begins with its time: at 2s crash ...
              crash leader
              ^~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("an unknown section costs itself, not the lines below it")
    func anUnknownSectionCostsItselfNotTheLinesBelowIt() {
        let shown = errorsBelowHead(
            """
            frobnicate
              foo 1
              bar 2
            timeline
              at 2s heall
            """)
        let expected =
            """
            t.mesh:5:1: error: unknown section "frobnicate"
            frobnicate
            ^~~~~~~~~~
            t.mesh:9:9: error: unknown action "heall"
              at 2s heall
                    ^~~~~
            did you mean "heal"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a set of nodes is closed, not empty and not ambiguous")
    func aSetOfNodesIsClosedNotEmptyAndNotAmbiguous() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s crash {}
              at 2s crash {n1, n2
              at 2s crash all but n1, n2
              at 2s cut n1 > n2
            """)
        let expected =
            """
            t.mesh:6:16: error: an empty set of nodes
              at 2s crash {}
                           ^
            t.mesh:7:22: error: expected "}" here
              at 2s crash {n1, n2
                                 ^
            t.mesh:8:25: error: ambiguous: write all but {leader, n2} or {all but leader, n2}
              at 2s crash all but n1, n2
                                    ^
            t.mesh:9:16: error: expected "->", found ">"
              at 2s cut n1 > n2
                           ^
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("strings are closed, short of control characters and escaped as known")
    func stringsAreClosedShortOfControlCharactersAndEscapedAsKnown() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s set "k = "v" on n1
              at 2s set "" = "v" on n1
              at 2s set "k\\q" = "v" on n1
              at 2s set "k\\x4" = "v" on n1
              at 2s set "k\u{1}" = "v" on n1
            """)
        let expected =
            #"""
            t.mesh:6:20: error: the string has no closing quote
              at 2s set "k = "v" on n1
                               ^~~~~~~
            t.mesh:7:13: error: a key cannot be empty
              at 2s set "" = "v" on n1
                        ^~
            t.mesh:8:15: error: unknown escape: known are \" \\ \n \r \t and \x41
              at 2s set "k\q" = "v" on n1
                          ^~
            t.mesh:9:15: error: \x is followed by two hexadecimal digits
              at 2s set "k\x4" = "v" on n1
                          ^~
            t.mesh:10:15: error: a control character in a string is written \x01
              at 2s set "k?" = "v" on n1
                          ^
            """# + "\n"
        #expect(shown == expected)
    }

    @Test("an event or a condition that is unknown is named with its nearest word")
    func anEventOrAConditionThatIsUnknownIsNamedWithItsNearestWord() {
        let shown = errorsBelowHead(
            """
            timeline
              when leader electd crash leader
              when n3 crash restart n3
              when foo crash n1
            expect
              within 2s after heal: one leder
              within 2s after heal one leader
              at end: converge
              at end: n3 ded everywhere
            """)
        let expected =
            """
            t.mesh:6:15: error: expected what happens to it, such as "crashed", found "electd"
              when leader electd crash leader
                          ^~~~~~
            did you mean "elected"?
            t.mesh:7:11: error: expected what happens to it, such as "crashed", found "crash"
              when n3 crash restart n3
                      ^~~~~
            did you mean "crashed"?
            t.mesh:8:8: error: expected an event such as "leader elected" or "n3 crashed", found "foo"
              when foo crash n1
                   ^~~
            t.mesh:10:29: error: expected "leader", found "leder"
              within 2s after heal: one leder
                                        ^~~~~
            did you mean "leader"?
            t.mesh:11:24: error: expected ":", found "one"
              within 2s after heal one leader
                                   ^~~
            t.mesh:12:11: error: expected a condition such as "one leader" or "converged", found "converge"
              at end: converge
                      ^~~~~~~~
            did you mean "converged"?
            t.mesh:13:14: error: expected what is true of it, such as "dead everywhere" or "knows", found "ded"
              at end: n3 ded everywhere
                         ^~~
            did you mean "dead"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a checker, metric or kind of message must be known")
    func aCheckerMetricOrKindOfMessageMustBeKnown() {
        let shown = errorsBelowHead(
            """
            expect
              always raft-safty
              electons <= 12
              elections =< 5
              elections <= 5ms
              p99 elections <= 5
              digest 1 abc
            measure
              mesages per node
              messages per nod
            """)
        let expected =
            """
            t.mesh:6:10: error: unknown checker "raft-safty"
              always raft-safty
                     ^~~~~~~~~~
            did you mean "raft-safety"?
            t.mesh:7:3: error: unknown word "electons" in "expect"
              electons <= 12
              ^~~~~~~~
            did you mean "elections"?
            t.mesh:8:13: error: expected a comparison such as <=, found "="
              elections =< 5
                        ^
            t.mesh:9:16: error: expected a plain number such as 12, found "5ms"
              elections <= 5ms
                           ^~~
            t.mesh:10:3: error: "elections" is one number: it has no "p99"
              p99 elections <= 5
              ^~~
            t.mesh:11:12: error: expected a digest of sixteen hexadecimal digits, found "abc"
              digest 1 abc
                       ^~~
            t.mesh:13:3: error: unknown metric "mesages" in "measure"
              mesages per node
              ^~~~~~~
            did you mean "messages"?
            t.mesh:14:16: error: expected "node" or "second", found "nod"
              messages per nod
                           ^~~
            did you mean "node"?
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("what is left on a line is refused")
    func whatIsLeftOnALineIsRefused() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s heal everything now
              at 2s crash n1 n2
            expect
              always raft-safety twice
            """)
        let expected =
            """
            t.mesh:6:25: error: unexpected "now"
              at 2s heal everything now
                                    ^~~
            t.mesh:7:18: error: unexpected "n2"
              at 2s crash n1 n2
                             ^~
            t.mesh:9:22: error: unexpected "twice"
              always raft-safety twice
                                 ^~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("later work is recognised and not ignored")
    func laterWorkIsRecognisedAndNotIgnored() {
        let shown = errorsBelowHead(
            """
            disk
              byzantine on
            timeline
              at 1s upgrade n1
              at 1s byzantine n1
              chaos byzantine every 2s lasting 1s
            workload crdt
            expect
              always serializable
            """)
        let expected =
            """
            t.mesh:6:3: error: not supported yet: byzantine (nodes that lie)
              byzantine on
              ^~~~~~~~~
            t.mesh:8:9: error: not supported yet: upgrade (mixed versions on the wire)
              at 1s upgrade n1
                    ^~~~~~~
            t.mesh:9:9: error: not supported yet: byzantine (nodes that lie)
              at 1s byzantine n1
                    ^~~~~~~~~
            t.mesh:10:9: error: not supported yet: byzantine (nodes that lie)
              chaos byzantine every 2s lasting 1s
                    ^~~~~~~~~
            t.mesh:11:10: error: not supported yet: crdt (replicated data types)
            workload crdt
                     ^~~~
            t.mesh:13:10: error: not supported yet: serializable (a history of operations and its order)
              always serializable
                     ^~~~~~~~~~~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("later protocols are recognised")
    func laterProtocolsAreRecognised() {
        let shown = errors(
            """
            scenario "t"
            cluster
              nodes 3
              run raft, dht
            """)
        let expected =
            """
            t.mesh:4:13: error: not supported yet: dht (the distributed hash table)
              run raft, dht
                        ^~~
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("another format is refused")
    func anotherFormatIsRefused() {
        let shown = errorsBelowHead(
            """
            format 2
            """)
        let expected =
            """
            t.mesh:5:8: error: format 2 is not known here: this version reads format 1
            format 2
                   ^
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("an empty file says how to begin")
    func anEmptyFileSaysHowToBegin() {
        let shown = errors(
            """

            """)
        let expected =
            """
            t.mesh:1:1: error: a scenario begins with: scenario "what it shows"
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("a character that means nothing is shown")
    func aCharacterThatMeansNothingIsShown() {
        let shown = errorsBelowHead(
            """
            timeline
              at 2s crash é
              at 2s; crash n1
            """)
        let expected =
            """
            t.mesh:6:15: error: unexpected "é"
              at 2s crash é
                          ^
            t.mesh:7:8: error: unexpected ";"
              at 2s; crash n1
                   ^
            """ + "\n"
        #expect(shown == expected)
    }

    @Test("columns count characters, and tabs line up")
    func columnsCountCharactersAndTabsLineUp() {
        let shown = errorsBelowHead(
            """
            timeline
            	at 2s	set "schlüssel" = "日本" on n9
            """)
        let expected =
            """
            t.mesh:6:34: error: there is no node n9: the nodes are n1 to n5
            	at 2s	set "schlüssel" = "日本" on n9
            	     	                            ^~
            """ + "\n"
        #expect(shown == expected)
    }
}
