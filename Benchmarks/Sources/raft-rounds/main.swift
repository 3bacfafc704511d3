import RaftRounds

RaftRounds.main(Array(CommandLine.arguments.dropFirst()))
