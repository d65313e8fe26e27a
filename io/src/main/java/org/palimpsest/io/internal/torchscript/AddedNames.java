package org.palimpsest.io.internal.torchscript;

/**
 * The names of what is added to an archive's code.
 *
 * @param word a word that the archive does not use; all added names begin with it
 */
record AddedNames(String word) {

  String recorderModule() {
    return "__torch__." + word;
  }

  String recorderClass() {
    return recorderModule() + ".Recorder";
  }

  /** The method of the root module that runs it and hands out what was recorded. */
  String entryMethod() {
    return word + "_capture";
  }

  /** The method of every module that has the recorder see its state. */
  String stateMethod() {
    return word + "_state";
  }

  /** The method of the root module that gives sums of its whole state. */
  String sumsMethod() {
    return word + "_sums";
  }

  String twinOf(String method) {
    return word + "_" + method;
  }

  /** The parameter of every twin that holds the recorder. */
  String recorder() {
    return word + "_recorder";
  }

  /** The parameter of every twin that holds the path of its module. */
  String path() {
    return word + "_path";
  }

  /** The local that holds the path of the module in another local. */
  String pathOf(String local) {
    return word + "_path_of_" + local;
  }

  String local(String purpose) {
    return word + "_" + purpose;
  }
}
