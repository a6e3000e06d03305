"""Several processes that train one network: `torchrun --nproc-per-node N -m sound.train CONFIG`.

Each takes its share of a batch N times as large, and gradients are averaged; the result is that of one process with the
whole batch, up to rounding, fresh noise and the grouping of the batch deviation. Alone, everything here does nothing.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Crew:
    """Who we are among the processes of a run."""

    rank: int = 0
    size: int = 1

    @staticmethod
    def join() -> "Crew":
        """Meets the other processes that `torchrun` started, if it did."""
        if "WORLD_SIZE" not in os.environ:
            return Crew()
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return Crew(dist.get_rank(), dist.get_world_size())

    def leave(self) -> None:
        """Ends the meeting, all at once: a process that ends with the group's threads still running is aborted now and then."""
        if self.size > 1:
            dist.barrier()
            dist.destroy_process_group()

    @property
    def leads(self) -> bool:
        """The one process that writes files and talks."""
        return self.rank == 0

    def share(self, whole: Tensor) -> Tensor:
        """Our part of a batch."""
        size = len(whole) // self.size
        return whole[self.rank * size : (self.rank + 1) * size]

    @torch.no_grad()
    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replaces each tensor by its mean over the processes, in one message."""
        if self.size == 1:
            return
        tensors = list(tensors)
        joined = torch.cat([t.reshape(-1) for t in tensors])
        dist.all_reduce(joined)
        joined /= self.size
        for tensor, part in zip(tensors, joined.split([t.numel() for t in tensors])):
            tensor.copy_(part.reshape(tensor.shape))

    def agree(self, ours: bool) -> bool:
        """Whether any process says so: all must leave the loop at the same step."""
        if self.size == 1:
            return ours
        said = torch.tensor(float(ours), device="cuda" if torch.cuda.is_available() else "cpu")
        dist.all_reduce(said)
        return bool(said > 0)
