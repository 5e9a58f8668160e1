"""Several benches side by side, over which the points of a run are spread."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from crash.bench import a_bench
from crash.scenes import SCENES, prepare
from crash.verdict import Stage

BENCHES_COUNT = 2
PART_COUNT = 8
"""Points that follow one another are mostly done on one bench, which knows how the one before went."""


class Yard:
    """Benches on which the same day was played."""

    def __init__(self, benches, pool):
        self._benches = benches
        self._pool = pool

    def stages(self, scene, **options):
        """Play a scene undisturbed on each bench: all of them pass the same points."""
        made = list(self._pool.map(lambda bench: Stage(bench, scene, **options).play(), self._benches))
        assert len({stage.points for stage in made}) == 1, f"{scene.name} does not always take the same way"
        return made

    def kill(self, stages, sequences, **options):
        """Cut the scene off at each of these points, or sequences of points; one result each, in order."""
        parts = [sequences[start : start + PART_COUNT] for start in range(0, len(sequences), PART_COUNT)]

        def work(stage, number):
            mine = parts[number :: len(stages)]
            return [[stage.kill(*points, **options) for points in part] for part in mine]

        found = list(self._pool.map(work, stages, range(len(stages))))
        each = [found[number % len(stages)][number // len(stages)] for number in range(len(parts))]
        return [one for part in each for one in part]


@contextmanager
def a_yard(folder, scenes=SCENES):
    """Start the benches and play the day on each; they end with the block."""
    with ExitStack() as stack, ThreadPoolExecutor(BENCHES_COUNT) as pool:
        folders = [folder / f"bench-{number}" for number in range(BENCHES_COUNT)]
        for one in folders:
            one.mkdir()
        benches = [stack.enter_context(a_bench(one)) for one in folders]
        list(pool.map(lambda bench: prepare(bench, scenes), benches))
        yield Yard(benches, pool)
