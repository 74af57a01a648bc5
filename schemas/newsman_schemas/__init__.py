"""Every message that travels between Newsman's services, and the list of topics it travels on."""
