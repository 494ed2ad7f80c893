// Nothing to call: the library takes the place of malloc(3) and its like where it is preloaded.
