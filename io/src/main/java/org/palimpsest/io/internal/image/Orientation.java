package org.palimpsest.io.internal.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.InflaterInputStream;
import org.palimpsest.core.PalimpsestException;

/**
 * Marks in JPEG and PNG files that say that the image is to be turned or mirrored: those of EXIF,
 * and those of XMP. Some tools heed them when they read a file and others do not, so that such
 * files are refused.
 */
public final class Orientation {

  static final long UPRIGHT = 1;

  private static final byte[] JPEG_EXIF = ascii("Exif\0\0");
  private static final byte[] LITTLE_TIFF = ascii("II");
  private static final byte[] BIG_TIFF = ascii("MM");

  private static final int PNG_EXIF = 0x65584966; // eXIf
  private static final int PNG_TEXT = 0x74455874; // tEXt
  private static final int PNG_PACKED_TEXT = 0x7a545874; // zTXt
  private static final int PNG_INTERNATIONAL_TEXT = 0x69545874; // iTXt
  private static final byte[] RAW_PROFILE = ascii("Raw profile type exif\0");
  private static final byte[] RAW_APPLICATION_1 = ascii("Raw profile type APP1\0");
  private static final byte[] PNG_XMP = ascii("XML:com.adobe.xmp\0");

  private static final int LARGEST_PROFILE = 1 << 20;
  private static final Pattern RAW = Pattern.compile("\\s*\\w+\\s+\\d+\\s+([0-9a-fA-F\\s]*+)");
  private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=[\"']|>)\\s{0,9}([0-9])");

  private Orientation() {}

  /**
   * @throws PalimpsestException if an image is to be turned or mirrored
   */
  static void requireUpright(long orientation, Path file) {
    if (orientation != UPRIGHT && orientation != 0) {
      throw new PalimpsestException(
          "%s says that it is to be turned or mirrored (Orientation %s), which some tools do when they read it and others do not. Save it upright and without that mark, or save the probes as .npy."
              .formatted(file, orientation));
    }
  }

  /**
   * @param profile EXIF or XMP, or anything else
   * @throws PalimpsestException if it says that the image is to be turned or mirrored
   */
  static void requireUprightProfile(byte[] profile, Path file) throws IOException {
    requireUpright(ofProfile(profile), file);
  }

  /**
   * @param content the chunk without its length, type and checksum
   * @throws PalimpsestException if a chunk says that the image of a PNG file is to be turned or
   *     mirrored
   */
  static void requireUprightPng(int type, byte[] content, Path file) throws IOException {
    switch (type) {
      case PNG_EXIF -> requireUprightProfile(content, file);
      case PNG_TEXT, PNG_PACKED_TEXT -> {
        for (byte[] key : new byte[][] {RAW_PROFILE, RAW_APPLICATION_1}) {
          if (beginsWith(key, content)) {
            byte[] text = rest(content, key);
            requireUpright(ofRaw(type == PNG_TEXT ? text : unpacked(text, 1)), file);
          }
        }
      }
      case PNG_INTERNATIONAL_TEXT -> {
        if (beginsWith(PNG_XMP, content)) {
          boolean packed = content.length > PNG_XMP.length && content[PNG_XMP.length] != 0;
          byte[] text = rest(content, PNG_XMP);
          requireUprightProfile(packed ? unpacked(text, 4) : text, file); // two flags, two names
        }
      }
      default -> {}
    }
  }

  /** EXIF, with the mark that it has in JPEG or without, or XMP. */
  private static long ofProfile(byte[] profile) throws IOException {
    byte[] tiff = beginsWith(JPEG_EXIF, profile) ? rest(profile, JPEG_EXIF) : profile;
    if (beginsWith(LITTLE_TIFF, tiff) || beginsWith(BIG_TIFF, tiff)) {
      return TiffHeader.ofExif(tiff).orientation();
    }
    Matcher xmp = XMP.matcher(new String(profile, StandardCharsets.ISO_8859_1));
    return xmp.find() ? Long.parseLong(xmp.group(1)) : UPRIGHT;
  }

  /** A name, a number of bytes and these in hexadecimal digits. */
  private static long ofRaw(byte[] text) throws IOException {
    Matcher profile = RAW.matcher(new String(text, StandardCharsets.ISO_8859_1));
    return profile.lookingAt()
        ? ofProfile(bytesOf(profile.group(1).replaceAll("\\s", "")))
        : UPRIGHT;
  }

  private static byte[] bytesOf(String digits) {
    return HexFormat.of().parseHex(digits, 0, digits.length() / 2 * 2);
  }

  /** What follows some bytes, unfolded as far as a profile reaches; nothing if it is damaged. */
  private static byte[] unpacked(byte[] packed, int from) {
    int start = Math.min(from, packed.length);
    try (InflaterInputStream in =
        new InflaterInputStream(new ByteArrayInputStream(packed, start, packed.length - start))) {
      return in.readNBytes(LARGEST_PROFILE);
    } catch (IOException damaged) {
      return new byte[0];
    }
  }

  private static boolean beginsWith(byte[] key, byte[] bytes) {
    return bytes.length >= key.length && Arrays.equals(bytes, 0, key.length, key, 0, key.length);
  }

  private static byte[] rest(byte[] bytes, byte[] key) {
    return Arrays.copyOfRange(bytes, key.length, bytes.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
