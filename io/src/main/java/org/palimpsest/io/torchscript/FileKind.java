package org.palimpsest.io.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.palimpsest.core.PalimpsestException;

/** Says what a file is that is not a zip archive. */
final class FileKind {

  static final String WEIGHTS_ONLY =
      " It holds weights only, which `weights` and `weights-compare` can read. To capture"
          + " activations, save the network itself from Python:"
          + " torch.jit.script(model).save(\"model.pt\").";

  private static final int HEAD = 32;
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] LEGACY_MAGIC = HexFormat.of().parseHex("8a0a6cfc9c46f9206aa85019");
  private static final int SHOWN = 16;

  private FileKind() {}

  /**
   * @throws PalimpsestException unless the file begins like a zip archive
   */
  static void requireZip(Path file) throws IOException {
    byte[] head = head(file);
    if (head.length == 0) {
      throw new PalimpsestException(file + " is empty. Copy it again from where it was made.");
    }
    if (!startsWith(head, 0, ZIP)) {
      throw new PalimpsestException(file + describe(head));
    }
  }

  private static String describe(byte[] head) {
    boolean pickle = head[0] == (byte) 0x80;
    if (pickle && startsWith(head, 2, LEGACY_MAGIC)) {
      return " was written by torch.save in the format before PyTorch 1.6: a state dict, a training"
          + " checkpoint or a pickled module, not a TorchScript archive."
          + WEIGHTS_ONLY;
    }
    if (pickle) {
      return " is a Python pickle, not a TorchScript archive. Save the network from Python:"
          + " torch.jit.script(model).save(\"model.pt\").";
    }
    return " is not a TorchScript archive: it begins with "
        + shown(head)
        + ". Save the network from Python: torch.jit.script(model).save(\"model.pt\").";
  }

  private static String shown(byte[] head) {
    byte[] start = Arrays.copyOf(head, Math.min(SHOWN, head.length));
    for (byte b : start) {
      boolean printable = b >= ' ' && b < 127 || b == '\n' || b == '\r' || b == '\t';
      if (!printable) {
        return "the bytes " + HexFormat.ofDelimiter(" ").formatHex(start);
      }
    }
    String text = new String(start, StandardCharsets.US_ASCII).replaceAll("\\s+", " ");
    return "the text '" + text.strip() + "'";
  }

  private static byte[] head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(HEAD);
    }
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] prefix) {
    return bytes.length >= at + prefix.length
        && Arrays.equals(bytes, at, at + prefix.length, prefix, 0, prefix.length);
  }
}
