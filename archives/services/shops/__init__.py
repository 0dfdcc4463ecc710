"""Input shops: licences, the ledgers of what was bought in and sold, real-name sale of restricted inputs."""
