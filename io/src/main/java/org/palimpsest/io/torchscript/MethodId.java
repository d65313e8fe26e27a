package org.palimpsest.io.torchscript;

/** A method of a class, by their names. */
record MethodId(String type, String method) {}
