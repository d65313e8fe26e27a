package org.palimpsest.io.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFTag;
import javax.imageio.stream.ImageInputStream;
import org.palimpsest.core.PalimpsestException;

/** What a TIFF file says of its image. */
record TiffTags(TIFFDirectory directory, long depth, Path file) {

  private static final int DEPTH = 32997;
  private static final int BIG = 43;
  private static final int SHORT = 3;

  static TiffTags of(IIOMetadata metadata, ImageInputStream in, Path file) throws IOException {
    long at = in.getStreamPosition();
    long depth = depth(in);
    in.seek(at);
    return new TiffTags(TIFFDirectory.createFromMetadata(metadata), depth, file);
  }

  /** How many slices the image has. The JDK's reader passes over tags that it does not know. */
  private static long depth(ImageInputStream in) throws IOException {
    in.seek(2);
    boolean big = in.readUnsignedShort() == BIG;
    in.seek(big ? 8 : 4);
    in.seek(big ? in.readLong() : in.readUnsignedInt());
    long entries = big ? in.readLong() : in.readUnsignedShort();
    for (long i = 0; i < entries; i++) {
      int tag = in.readUnsignedShort();
      int type = in.readUnsignedShort();
      in.skipBytes(big ? 8 : 4);
      long next = in.getStreamPosition() + (big ? 8 : 4);
      if (tag == DEPTH) {
        return type == SHORT ? in.readUnsignedShort() : in.readUnsignedInt();
      }
      in.seek(next);
    }
    return 1;
  }

  /** The numbers of a tag; only the fallback if it is not there. */
  long[] all(int tag, long fallback) {
    long[] there = all(tag);
    return there.length == 0 ? new long[] {fallback} : there;
  }

  /** The numbers of a tag, none if it is not there. */
  long[] all(int tag) {
    TIFFField field = directory.getTIFFField(tag);
    if (field == null) {
      return new long[0];
    }
    long[] values = new long[field.getCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = field.getAsLong(i);
    }
    return values;
  }

  long one(int tag, long fallback) {
    return all(tag, fallback)[0];
  }

  Optional<String> text(int tag) {
    TIFFField field = directory.getTIFFField(tag);
    return field == null || field.getType() != TIFFTag.TIFF_ASCII || field.getCount() == 0
        ? Optional.empty()
        : Optional.of(field.getAsString(0));
  }

  PalimpsestException refused(String why) {
    return new PalimpsestException(file + " " + why);
  }
}
