import CAllocationCount
import RaftRounds

RaftRounds.main(Array(CommandLine.arguments.dropFirst()), allocationCount: allocation_count)
