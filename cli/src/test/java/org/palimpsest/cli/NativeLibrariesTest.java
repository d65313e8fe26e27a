package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class NativeLibrariesTest {

  private static final long GIGABYTE = 1L << 30;

  @Test
  void tooFewAddressesAreRefusedBeforeALibraryWaitsForThemForEver() {
    assertThatThrownBy(() -> NativeLibraries.requireRoom(6 * GIGABYTE, 6 * GIGABYTE - (300L << 20)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("ulimit -v, 6144 MB")
        .hasMessageContaining("leaves 300 MB");
    assertThatCode(() -> NativeLibraries.requireRoom(8 * GIGABYTE, 5 * GIGABYTE))
        .doesNotThrowAnyException();
  }

  @Test
  void whereNothingIsLimitedThereIsRoom() {
    assertThatCode(NativeLibraries::requireRoom).doesNotThrowAnyException();
  }
}
