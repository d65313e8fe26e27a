package org.palimpsest.core.engine;

import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;

/** Memory alone. */
enum NoSpill implements Spill {
  INSTANCE;

  @Override
  public boolean isThere() {
    return false;
  }

  @Override
  public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
    throw new UnsupportedOperationException("nothing can be put away");
  }

  @Override
  public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
    throw new UnsupportedOperationException("nothing was put away");
  }

  @Override
  public void close() {
    // nothing was put away
  }
}
