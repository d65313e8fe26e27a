package org.palimpsest.io.internal.torchscript;

/** A method of a class, by their names. */
record MethodId(String type, String method) {}
