package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

class Sha256Test {

  /** FIPS 180-4, example of "abc". */
  private static final String OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path folder;

  @Test
  void theExampleOfTheStandard() throws IOException {
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
    assertThat(Sha256.of(abc)).isEqualTo(OF_ABC);
    assertThat(Sha256.of(List.of(new byte[] {'a'}, new byte[] {'b', 'c'}))).isEqualTo(OF_ABC);
    assertThat(Sha256.of(Files.write(folder.resolve("abc"), abc))).isEqualTo(OF_ABC);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 4_194_303, 4_194_304, 6_000_001})
  void filesOfAnyLengthHaveTheHashOfTheirBytes(int length)
      throws IOException, NoSuchAlgorithmException {
    byte[] bytes = bytes(length);
    String expected = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    assertThat(Sha256.of(Files.write(folder.resolve("long"), bytes))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_048_576, 1_048_577})
  void theSystemsLibrarySaysTheSameWhereThereIsOne(int length) throws IOException {
    byte[] bytes = bytes(length);
    Path file = Files.write(folder.resolve("file"), bytes);
    Optional<Sha256.OpenSsl> library = Sha256.OpenSsl.found();
    if (library.isPresent()) {
      try (FileChannel channel = FileChannel.open(file)) {
        assertThat(HexFormat.of().formatHex(library.get().sha256(channel)))
            .isEqualTo(Sha256.of(bytes));
      }
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Sha256.of(folder.resolve("none")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("none");
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + i / 251);
    }
    return bytes;
  }
}
