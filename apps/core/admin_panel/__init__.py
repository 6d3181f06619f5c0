"""What each room's part of the admin panel is made of: scoped lists, pages without counts, actions asked once."""
