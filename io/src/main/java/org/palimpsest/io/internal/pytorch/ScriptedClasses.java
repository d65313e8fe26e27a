package org.palimpsest.io.internal.pytorch;

/** What the code in a TorchScript archive says of its classes, by their full names. */
public interface ScriptedClasses {

  /** Whether it is a module. */
  boolean isModule(String type);

  /** Whether an attribute of it is a tensor that is trained. */
  boolean isParameter(String type, String attribute);
}
