"""Control 1.3, proposed moves: the fewest demand lines to pass on so that nobody is above the limit.

Pure, and no control by itself: loads in, moves out. OR-Tools' CP-SAT solves it, because it reckons in whole
numbers, so that a limit met exactly is met, and counts its work instead of its time, so that the same loads
give the same answer every time. It is slow to import, and only met where somebody is above the limit.

    propose     the question and its answer, in hours and e-mails
    task        the same in whole numbers; bounds and a first set without searching
    model       how many lines leave each owner and arrive at each receiver
    groups      which lines these are, and which moves stay within a Service
    order       the alphabetically first of all equally good sets
    exchange    what spares the solver work there
    solve       these in their order
"""

from lists_sync.controls.rebalance.propose import DemandLine, Load, Moves, propose

__all__ = ["DemandLine", "Load", "Moves", "propose"]
