"""Where rows and positions are stored: one package for each outside system. None decides what is read or written."""
