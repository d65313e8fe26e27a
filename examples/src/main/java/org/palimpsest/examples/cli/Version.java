package org.palimpsest.examples.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Says which version this is, as the jar's manifest has it. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"palimpsest " + number(), "Java " + Runtime.version()};
  }

  static String number() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
  }
}
