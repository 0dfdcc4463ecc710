"""Background work of the rating floor: ids in, a service call, nothing else."""
