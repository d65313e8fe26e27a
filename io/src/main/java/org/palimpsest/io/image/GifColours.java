package org.palimpsest.io.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/**
 * A GIF file whose palette is filled up to 256 colours: of a smaller one the JDK's reader keeps so
 * many bits of each pixel as its colours need, and drops those of pixels beyond it.
 */
final class GifColours implements CheckedImage {

  private static final int SCREEN = 13;
  private static final int DESCRIPTOR = 9;
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int HAS_PALETTE = 0x80;
  private static final int SIZE = 0x07;
  private static final int CHANNELS = 3;
  private static final int MOST_COLOURS = 256;
  private static final long MOST_BYTES = 1L << 30;

  private final DataInputStream in;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int colours;

  private GifColours(byte[] file) {
    this.in = new DataInputStream(new ByteArrayInputStream(file));
  }

  /**
   * @throws IOException if the file ends before its first image
   */
  static GifColours read(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, of which GIF images may have %d. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    GifColours image = new GifColours(Files.readAllBytes(file));
    image.copy();
    return image;
  }

  private void copy() throws IOException {
    copyWithPalette(bytes(SCREEN), SCREEN - 3);
    int block = in.readUnsignedByte();
    for (; block == EXTENSION; block = in.readUnsignedByte()) {
      out.write(block);
      out.write(in.readUnsignedByte());
      copyParts();
    }
    out.write(block);
    if (block == IMAGE) {
      copyWithPalette(bytes(DESCRIPTOR), DESCRIPTOR - 1);
    }
    out.writeBytes(in.readAllBytes());
  }

  private void copyParts() throws IOException {
    int length = in.readUnsignedByte();
    for (; length > 0; length = in.readUnsignedByte()) {
      out.write(length);
      out.writeBytes(bytes(length));
    }
    out.write(0);
  }

  private void copyWithPalette(byte[] head, int flags) throws IOException {
    boolean present = (head[flags] & HAS_PALETTE) != 0;
    int size = 2 << (head[flags] & SIZE);
    head[flags] |= (byte) (present ? SIZE : 0);
    out.writeBytes(head);
    if (present) {
      colours = size;
      out.writeBytes(Arrays.copyOf(bytes(CHANNELS * size), CHANNELS * MOST_COLOURS));
    }
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = new byte[count];
    in.readFully(bytes);
    return bytes;
  }

  @Override
  public byte[] needed() {
    return out.toByteArray();
  }

  @Override
  public OptionalInt colours() {
    return OptionalInt.of(colours);
  }

  /** What pixels are missing the JDK's reader tells. */
  @Override
  public void requireWholePixels() {}
}
