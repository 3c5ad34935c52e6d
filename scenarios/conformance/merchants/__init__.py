"""The merchants that can be judged, one file a maker: our server, the played shop, anybody's shop by a profile."""
