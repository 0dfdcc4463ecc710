"""All a bureau keeps on a producer: licences, staff, honours, pledges, measures, documents, training."""
