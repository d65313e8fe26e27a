package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class AddressRoomTest {

  private static final long GIGABYTE = 1L << 30;

  @Test
  void tooFewAddressesAreRefusedBeforeALibraryWaitsForThemForEver() {
    assertThatThrownBy(() -> AddressRoom.require(6 * GIGABYTE, 6 * GIGABYTE - (300L << 20)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("ulimit -v, 6144 MB")
        .hasMessageContaining("leaves 300 MB");
    assertThatCode(() -> AddressRoom.require(8 * GIGABYTE, 5 * GIGABYTE))
        .doesNotThrowAnyException();
  }

  @Test
  void whereNothingIsLimitedThereIsRoom() {
    assertThatCode(AddressRoom::require).doesNotThrowAnyException();
  }
}
