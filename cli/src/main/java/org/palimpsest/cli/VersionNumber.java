package org.palimpsest.cli;

import org.palimpsest.core.Version;
import picocli.CommandLine.IVersionProvider;

/** Says which version this is, and of what it runs on. */
final class VersionNumber implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"palimpsest " + Version.current(), "Java " + Runtime.version()};
  }
}
