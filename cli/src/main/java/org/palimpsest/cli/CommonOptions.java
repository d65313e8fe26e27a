package org.palimpsest.cli;

import picocli.CommandLine.Option;

/** Options that every command has beside help and version. */
public final class CommonOptions {

  @Option(
      names = {"-v", "--verbose"},
      description = "Log what the libraries do, on standard error.")
  boolean verbose;

  @Option(names = "--debug", description = "Log everything, and show the trace of a failure.")
  boolean debug;
}
