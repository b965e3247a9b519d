#include "files.hpp"

#include <algorithm>

namespace gw::simulation {

void Locks::release(OpenFile* file) {
    alone = alone == file ? nullptr : alone;
    in_common.erase(file);
}

bool Locks::would_have(const OpenFile* file, Hold how) const {
    const bool nobody_has_it_alone = alone == nullptr || alone == file;
    return nobody_has_it_alone && (how == Hold::in_common ||
                                   std::all_of(in_common.begin(), in_common.end(),
                                               [&](const auto* other) { return other == file; }));
}

bool Locks::take(OpenFile* file, Hold how) {
    if (!would_have(file, how)) {
        return false;
    }
    release(file);
    if (how == Hold::alone) {
        alone = file;
    } else {
        in_common.insert(file);
    }
    return true;
}

OpenFile::~OpenFile() {
    if (node) {
        node->flocks.release(this);
        node->record_locks.release(this);
        node->readers -= reads_fifo ? 1 : 0;
    }
}

Files::Files() : root_(std::make_shared<Inode>()) {
    root_->kind = Inode::Kind::directory;
    root_->number = next_number_++;
    root_->mode = 0755;
}

InodePtr Files::find(const InodePtr& from, std::string_view relative) {
    InodePtr at = from;
    while (at && !relative.empty()) {
        const auto slash = std::min(relative.find('/'), relative.size());
        const auto part = relative.substr(0, slash);
        relative.remove_prefix(std::min(slash + 1, relative.size()));
        if (part.empty() || part == ".") {
            continue;
        }
        const auto found = at->entries.find(part);
        at = found == at->entries.end() ? nullptr : found->second;
    }
    return at;
}

std::string Files::path_of(const Inode& directory) {
    return directory.parent == nullptr ? std::string()
                                       : path_of(*directory.parent) + "/" + directory.name;
}

namespace {

using Change = std::vector<std::pair<std::string, InodePtr>>;

void write_into(Inode::Entries& entries, const Change& change) {
    for (const auto& [name, inode] : change) {
        if (inode) {
            entries[name] = inode;
        } else {
            entries.erase(name);
        }
    }
}

void change(Inode& directory, Change change, Micros now) {
    for (const auto& [name, inode] : change) {
        if (const auto old = directory.entries.find(name); old != directory.entries.end()) {
            --old->second->links;
        }
        if (inode) {
            ++inode->links;
            inode->parent = inode->kind == Inode::Kind::directory ? &directory : nullptr;
            inode->name = name;
        }
    }
    write_into(directory.entries, change);
    directory.changed = now;
    if (directory.on_volume) {
        directory.unsafe.push_back(std::move(change));
    }
}

} // namespace

namespace {
/// The volume, and the disk of a host.
constexpr std::string_view disks[] = {"data", "etc"}; // NOLINT(modernize-avoid-c-arrays)

bool is_kept(std::string_view name) {
    return std::find(std::begin(disks), std::end(disks), name) != std::end(disks);
}
} // namespace

InodePtr Files::make(const InodePtr& directory, const std::string& name, Inode::Kind kind,
                     unsigned mode, Micros now) {
    auto inode = std::make_shared<Inode>();
    inode->kind = kind;
    inode->number = next_number_++;
    inode->mode = mode;
    inode->on_volume = directory->on_volume || (directory == root_ && is_kept(name));
    inode->changed = now;
    inode->born = now;
    change(*directory, {{name, inode}}, now);
    return inode;
}

InodePtr Files::make_path(std::string_view absolute, Micros now) {
    InodePtr at = root_;
    while (!absolute.empty()) {
        const auto slash = std::min(absolute.find('/'), absolute.size());
        const std::string part(absolute.substr(0, slash));
        absolute.remove_prefix(std::min(slash + 1, absolute.size()));
        if (!part.empty()) {
            const auto found = at->entries.find(part);
            at = found == at->entries.end() ? make(at, part, Inode::Kind::directory, 0755, now)
                                            : found->second;
        }
    }
    return at;
}

void Files::put(const InodePtr& directory, const std::string& name, const std::string& bytes,
                Micros now) {
    make(directory, name, Inode::Kind::file, 0644, now)->bytes = bytes;
}

void Files::unlink(const InodePtr& directory, const std::string& name, Micros now) {
    change(*directory, {{name, nullptr}}, now);
}

void Files::rename(const InodePtr& from, const std::string& old_name, const InodePtr& to,
                   const std::string& new_name, Micros now) {
    const auto inode = from->entries.at(old_name);
    if (from == to) {
        change(*from, {{old_name, nullptr}, {new_name, inode}}, now);
    } else {
        change(*from, {{old_name, nullptr}}, now);
        change(*to, {{new_name, inode}}, now);
    }
}

void Files::flush(Inode& inode) {
    inode.safe_bytes = inode.bytes;
    inode.safe_entries = inode.entries;
    inode.unsafe.clear();
}

namespace {

void flush_below(Inode& inode) {
    Files::flush(inode);
    for (const auto& [name, below] : inode.entries) {
        flush_below(*below);
    }
}

/// What a power cut leaves of the bytes of a file: all, what was flushed, or the first blocks,
/// perhaps none.
std::string left_of(const Inode& file, const Draw& draw) {
    if (file.bytes == file.safe_bytes) {
        return file.bytes;
    }
    constexpr std::uint64_t block = 4096;
    switch (draw(3)) {
    case 0:
        return file.bytes;
    case 1:
        return file.safe_bytes;
    default:
        return file.bytes.substr(0, block * draw(file.bytes.size() / block + 1));
    }
}

void cut_power_below(Inode& inode, const Draw& draw) {
    inode.flocks = {};
    inode.record_locks = {};
    inode.bytes = left_of(inode, draw);
    auto left = inode.safe_entries;
    const auto kept = inode.unsafe.empty() ? 0 : draw(inode.unsafe.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) {
        write_into(left, inode.unsafe[i]);
    }
    inode.entries = std::move(left);
    for (const auto& [name, below] : inode.entries) {
        below->links = 1;
        below->name = name;
        below->parent = below->kind == Inode::Kind::directory ? &inode : nullptr;
        cut_power_below(*below, draw);
    }
    Files::flush(inode);
}

} // namespace

void Files::flush_volume() {
    for (const auto name : disks) {
        if (const auto found = find(name)) {
            flush_below(*found);
        }
    }
}

void Files::cut_power(const Draw& draw) {
    for (const auto name : disks) {
        if (const auto found = find(name)) {
            cut_power_below(*found, draw);
        }
    }
}

void Files::wipe(const InodePtr& directory) {
    for (const auto& [name, below] : directory->entries) {
        wipe(below);
        --below->links;
    }
    directory->entries.clear();
}

std::map<std::string, std::string> contents_of(const InodePtr& directory) {
    std::map<std::string, std::string> all;
    for (const auto& [name, inode] : directory->entries) {
        if (inode->kind != Inode::Kind::directory) {
            all.emplace(name, inode->bytes);
        }
        for (auto& [path, bytes] : contents_of(inode)) {
            all.emplace(name + "/" + path, std::move(bytes));
        }
    }
    return all;
}

} // namespace gw::simulation
