"""Every way into kgrag from outside the process: the web page."""
