package org.palimpsest.reproduction.training.torchscript;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A network as a TorchScript archive, the file that {@code torch.jit.load} reads: a zip file with
 * the code of its classes, a pickle of its modules and one entry per tensor.
 *
 * <p>The same network always gives the same bytes.
 */
public final class ScriptArchive {

  private static final String FOLDER = "network/";
  private static final String FORMAT_VERSION = "3\n";

  private ScriptArchive() {}

  /**
   * Writes a network into memory.
   *
   * @param root its modules
   * @param code the TorchScript of their classes, all of them in {@code __torch__}
   * @param values what the tensors hold, by path
   */
  public static byte[] write(ScriptModule root, String code, Map<String, float[]> values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", PickleWriter.module(root));
      put(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      int storage = 0;
      for (Map.Entry<String, Slot> slot : root.slots().entrySet()) {
        float[] tensor = values.get(slot.getKey());
        if (tensor == null || tensor.length != slot.getValue().size()) {
          throw new IllegalArgumentException("No fitting values for " + slot);
        }
        put(zip, "data/" + storage++, littleEndian(tensor));
      }
      put(zip, "constants.pkl", PickleWriter.emptyTuple());
      put(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory does not fail to write", impossible);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED); // PyTorch reads no compressed entries
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] littleEndian(float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }
}
