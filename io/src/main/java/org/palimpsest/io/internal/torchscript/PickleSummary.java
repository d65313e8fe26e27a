package org.palimpsest.io.internal.torchscript;

import java.util.Set;

/**
 * What a look at a pickle's opcodes tells, without making anything of it.
 *
 * @param firstGlobal the first class that it names, as {@code module.Name}, or empty
 * @param savedInTraining whether any module in it has {@code training = True}
 * @param storages the storage types that it names, such as {@code HalfStorage}
 */
record PickleSummary(String firstGlobal, boolean savedInTraining, Set<String> storages) {

  static PickleSummary of(byte[] pickle) {
    return new PickleScanner(pickle).scan();
  }
}
