package org.palimpsest.io.fuzz;

import io.jhdf.checksum.JenkinsLookup3HashLittle;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays out HDF5 files in the form of HDF5 1.0 (symbol tables, object headers of version 1) or in
 * that of 1.8 (links in headers of version 2, with checksums).
 */
final class Hdf5Writer {

  /** A message of an object header. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Message(int type, byte[] content) {}

  /**
   * A name in a group.
   *
   * @param address of an object's header, or -1 for a link
   * @param target of a link; it is one to another file if that is given
   */
  record Link(String name, long address, String target, String file) {

    static Link hard(String name, long address) {
      return new Link(name, address, "", "");
    }
  }

  private static final long NOWHERE = -1;
  private static final int SUPERBLOCK = 96;
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  private final boolean modern;
  private final int userBlock;
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final ByteArrayOutputStream behind = new ByteArrayOutputStream();
  private final int startOfNumbers;

  /**
   * @param modern whether groups have the form of HDF5 1.8
   * @param userBlock bytes before the file: 0, 512, 1024, …
   * @param startOfNumbers the {@link #size()} of all else, behind which numbers are laid, or -1 to
   *     lay them where they come
   */
  Hdf5Writer(boolean modern, int userBlock, int startOfNumbers) {
    this.modern = modern;
    this.userBlock = userBlock;
    this.startOfNumbers = startOfNumbers;
    file.writeBytes(new byte[SUPERBLOCK]);
  }

  static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  static byte[] padded(byte[] content) {
    return java.util.Arrays.copyOf(content, (content.length + 7) / 8 * 8);
  }

  static byte[] name(String text) {
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /** Adds bytes at the end and gives their address. */
  long put(byte[] content) {
    long address = file.size();
    file.writeBytes(padded(content));
    return address;
  }

  /** Adds the numbers of a dataset or of a chunk and gives their address. */
  long putNumbers(byte[] content) {
    if (startOfNumbers < 0) {
      return put(content);
    }
    long address = startOfNumbers + behind.size();
    behind.writeBytes(padded(content));
    return address;
  }

  /** How many bytes there are beside numbers that are laid behind all. */
  int size() {
    return file.size();
  }

  /** An object of these messages, in a header of either version. */
  long object(List<Message> messages, boolean version2) {
    return put(version2 ? header2(messages) : header1(messages));
  }

  private static byte[] header1(List<Message> messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Message message : messages) {
      byte[] content = padded(message.content);
      ByteBuffer head = little(8).putShort((short) message.type).putShort((short) content.length);
      all.writeBytes(head.array());
      all.writeBytes(content);
    }
    ByteBuffer head = little(16).put((byte) 1).put((byte) 0).putShort((short) messages.size());
    head.putInt(1).putInt(all.size());
    return join(head.array(), all.toByteArray());
  }

  private static byte[] header2(List<Message> messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Message message : messages) {
      ByteBuffer head = little(4).put((byte) message.type);
      all.writeBytes(head.putShort((short) message.content.length).array());
      all.writeBytes(message.content);
    }
    ByteBuffer head = little(10).put(new byte[] {'O', 'H', 'D', 'R', 2, 2}).putInt(all.size());
    return withChecksum(join(head.array(), all.toByteArray()));
  }

  private static byte[] withChecksum(byte[] content) {
    int sum = JenkinsLookup3HashLittle.hash(ByteBuffer.wrap(content));
    return join(content, little(4).putInt(sum).array());
  }

  /** A group with these names in it; at most eight in the old form. */
  long group(List<Link> links) {
    return group(links, List.of());
  }

  /** A group with these names in it, and messages besides, such as attributes. */
  long group(List<Link> links, List<Message> more) {
    List<Message> messages = new ArrayList<>(more);
    if (modern) {
      return group2(links, messages);
    }
    messages.add(table(links));
    return object(messages, false);
  }

  private long group2(List<Link> links, List<Message> messages) {
    ByteBuffer info = little(18).putShort((short) 0).putLong(NOWHERE).putLong(NOWHERE);
    messages.add(new Message(2, info.array()));
    messages.add(new Message(10, new byte[2]));
    for (Link link : links) {
      byte[] name = link.name.getBytes(StandardCharsets.UTF_8);
      int type = link.address != NOWHERE ? 0 : link.file.isEmpty() ? 1 : 64;
      byte[] target =
          type == 0
              ? little(8).putLong(link.address).array()
              : type == 1
                  ? sized(link.target.getBytes(StandardCharsets.UTF_8))
                  : sized(join(new byte[1], name(link.file), name(link.target)));
      byte marked = (byte) (type == 0 ? link.address >> 3 & 1 : 1); // as UTF-8 or ASCII
      byte[] head = {1, 0x18, (byte) type, marked, (byte) name.length};
      messages.add(new Message(6, join(head, name, target)));
    }
    return object(messages, true);
  }

  private static byte[] sized(byte[] content) {
    return join(little(2).putShort((short) content.length).array(), content);
  }

  /** Names in a heap, sorted entries in a node, a tree of this one node. */
  private Message table(List<Link> links) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.writeBytes(new byte[8]);
    ByteBuffer node = little(8 + 8 * 40).put(new byte[] {'S', 'N', 'O', 'D', 1, 0});
    node.putShort((short) links.size());
    long last = 0;
    for (Link link : links.stream().sorted(Comparator.comparing(Link::name)).toList()) {
      last = names.size();
      names.writeBytes(padded(name(link.name)));
      boolean soft = link.address == NOWHERE;
      node.putLong(last).putLong(link.address).putInt(soft ? 2 : 0).putInt(0);
      node.putInt(soft ? names.size() : 0).putInt(0).putLong(0);
      if (soft) {
        names.writeBytes(padded(name(link.target)));
      }
    }
    long segment = put(names.toByteArray());
    ByteBuffer heap = little(32).put(new byte[] {'H', 'E', 'A', 'P', 0, 0, 0, 0});
    heap.putLong(names.size()).putLong(1).putLong(segment);
    ByteBuffer tree =
        little(24 + 32 * 8 + 33 * 8).put(new byte[] {'T', 'R', 'E', 'E', 0, 0}).putShort((short) 1);
    tree.putLong(NOWHERE).putLong(NOWHERE).putLong(0).putLong(put(node.array())).putLong(last);
    byte[] addresses = little(16).putLong(put(tree.array())).putLong(put(heap.array())).array();
    return new Message(0x11, addresses);
  }

  /** The whole file, given the address of its first group. */
  byte[] bytes(long root) {
    byte[] all = join(file.toByteArray(), behind.toByteArray());
    byte[] block =
        modern
            ? superblock2(root, userBlock + all.length)
            : superblock0(root, userBlock + all.length);
    System.arraycopy(block, 0, all, 0, block.length);
    return join(new byte[userBlock], all);
  }

  private byte[] superblock2(long root, long end) {
    ByteBuffer block = little(44).put(SIGNATURE).put(new byte[] {2, 8, 8, 0});
    block.putLong(userBlock).putLong(NOWHERE).putLong(end).putLong(root);
    return withChecksum(block.array());
  }

  private byte[] superblock0(long root, long end) {
    ByteBuffer block = little(SUPERBLOCK).put(SIGNATURE).put(new byte[] {0, 0, 0, 0, 0, 8, 8, 0});
    block.putShort((short) 4).putShort((short) 16).putInt(0);
    block.putLong(userBlock).putLong(NOWHERE).putLong(end).putLong(NOWHERE);
    return block.putLong(0).putLong(root).array();
  }
}
