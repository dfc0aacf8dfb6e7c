"""partystate: an executable, evidence-checked model of the Stalinist party-state, 1922-41."""
