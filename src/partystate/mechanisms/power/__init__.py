"""The party and the struggle for power: posts, factions, meetings, members."""
